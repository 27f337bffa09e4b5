//! A session of the Chat REST API: its credentials, and the requests that are made with them.

use std::net::Ipv4Addr;

use anyhow::Result;
use parlor_wire::{
    decode,
    visitor::{API_VERSION, ChasitorInit, SessionIdReply, header},
};
use serde::Serialize;

use crate::{http::Request, site::Site};

/// As a proxy on this machine would send it: without it the endpoint takes a client on this machine
/// for the owner, whom it does not limit.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    client: Ipv4Addr,
    id: String,
    key: String,
    pub(crate) affinity: String,
    /// The number of the newest POST.
    posted: u64,
}

impl Session {
    /// The request for a new session.
    pub(crate) fn request(client: Ipv4Addr) -> Vec<u8> {
        Request::get("/chat/rest/System/SessionId")
            .header(FORWARDED_FOR, client)
            .header(header::API_VERSION, API_VERSION)
            .header(header::AFFINITY, "null")
            .end()
    }

    /// The session in the answer to it.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub(crate) fn read(client: Ipv4Addr, answer: &[u8]) -> Result<Self> {
        let reply: SessionIdReply = decode(answer)?;
        Ok(Self {
            client,
            id: reply.id,
            key: reply.key,
            affinity: reply.affinity_token,
            posted: 0,
        })
    }

    /// Asks for a chat, and for the places in the queue, as our own widget does.
    ///
    /// # Errors
    /// None that can occur.
    pub(crate) fn init(&mut self, site: &Site, name: String) -> Result<Vec<u8>> {
        let init = ChasitorInit {
            organization_id: site.installation.organization_id.clone(),
            deployment_id: site.installation.deployment_id.clone(),
            button_id: site.installation.button_id.clone(),
            session_id: Some(self.id.clone()),
            user_agent: Some("parlor-load".to_owned()),
            language: Some("en-US".to_owned()),
            screen_resolution: Some("1280x800".to_owned()),
            visitor_name: Some(name),
            receive_queue_updates: true,
            is_post: true,
            ..ChasitorInit::default()
        };
        let number = self.next_number();
        self.post("ChasitorInit", &init, number)
    }

    /// The number of the next POST.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.posted += 1;
        self.posted
    }

    /// A POST under this number.
    ///
    /// # Errors
    /// When the body is no JSON.
    pub(crate) fn post(&self, noun: &str, body: &impl Serialize, number: u64) -> Result<Vec<u8>> {
        let request = Request::post(format_args!("/chat/rest/Chasitor/{noun}"))
            .header(header::SEQUENCE, number);
        Ok(self.sign(request).body(&serde_json::to_vec(body)?))
    }

    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        self.sign(Request::get(path)).end()
    }

    fn sign(&self, request: Request) -> Request {
        request
            .header(FORWARDED_FOR, self.client)
            .header(header::API_VERSION, API_VERSION)
            .header(header::AFFINITY, &self.affinity)
            .header(header::SESSION_KEY, &self.key)
    }
}
