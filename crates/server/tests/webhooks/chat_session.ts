// The interface of the chat session webhook, word by word. `chat_session.schema.json` is made of
// it:
//
//     npx ts-json-schema-generator --path chat_session.ts --type Payload --no-top-ref

export type Payload = ChatSession[];

interface ChatSession {
  id: string;
  name: string;
  type: 'request' | 'push';
  status: ChatSessionStatus;
  pastStatus: ChatSessionStatus[];
  report: {
    creatorWaited: number;
    handledDateTime: string;
    chatDuration: number;
  };
  reference?: {
    type: 'ticket';
    id: string;
  };
  creator: User;
  callback?: {
    type: 'phone' | 'chat';
    phone?: string;
    note?: string;
    preferredTime?: Array<{
      start: string;
      end: string;
    }>;
  };
  targetUsers?: User[];
  closeRecord?: {
    user: User;
    note?: string;
    lastModifiedDateTime: string;
  };
  closedDateTime: string;
  users: User[];
  participants: User[];
  lastMessageId?: string;
  createdDateTime?: string;
  lastModifiedDateTime: string;
}

type ChatSessionStatus = 'created' | 'handled' | 'missed' | 'completed' | 'callback';

interface User {
  entityId: number;
  name: string;
  userId: string;
  company: {
    entityId: number;
    name: string;
    identifier: string;
  };
}
