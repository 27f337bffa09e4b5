//! Which records a request for a chat asks for. It knows the request and no store.
//!
//! The values are those of `prechatDetails`. An entity of `prechatEntities` names them by
//! their labels, and a detail names entities itself (`entityFieldMaps`); what both say of one
//! entity is taken together.

use parlor_wire::{
    limits::{
        LABEL_MAX_BYTES, RECORD_MAX_BYTES, RECORD_NAME_MAX_BYTES, RECORDS_MAX,
        TRANSCRIPT_FIELDS_MAX_BYTES,
    },
    visitor::{ChasitorInit, CustomDetail, Entity, EntityFieldsMap},
};

use super::super::{Result, invalid};
use crate::store::row::{RecordCondition, RecordField, RecordQuery, ThreadDetails, record_key};

/// A beginning with fewer characters is no search: half of all records have it.
const PREFIX_MIN_CHARACTERS: usize = 3;

/// So many records that meet one condition are looked at. Of more, an agent has to search
/// with better words; the visitor's request must not wait for it.
const CANDIDATES_MAX: i64 = 200;

/// A record that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) entity_name: String,
    /// Each name is there once.
    fields: Vec<Field>,
    /// Chat REST API, `showOnCreate`.
    pub(super) shows_on_create: bool,
    /// Chat REST API, `saveToTranscript`.
    pub(super) transcript_field: Option<String>,
    pub(super) link: Option<Link>,
}

/// Chat REST API, `linkToEntityName` and `linkToEntityField`: a record of that entity gets a
/// field that names this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) entity_name: String,
    pub(super) field_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    of_record: RecordField,
    search: Option<Search>,
    /// A record is made because of it, where none is found.
    creates: bool,
    /// It is in the record that is made.
    fills: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    Same,
    BeginsWith,
}

impl Plan {
    fn new(entity_name: &str) -> Self {
        Self {
            entity_name: entity_name.to_owned(),
            fields: Vec::new(),
            shows_on_create: false,
            transcript_field: None,
            link: None,
        }
    }

    /// Adds the field that a map names, with the detail's value. The first of a name stays.
    fn add(&mut self, map: &EntityFieldsMap, detail: &CustomDetail) {
        let is_known = |field: &Field| field.of_record.name == map.field_name;
        let value = detail.value.trim();
        if value.is_empty() || map.field_name.is_empty() || self.fields.iter().any(is_known) {
            return;
        }
        // The documentation's table and its example name the same switches differently.
        let is = |table: Option<bool>, example: Option<bool>| table.or(example);
        let search = match is(map.do_find, map.is_auto_queryable) {
            Some(true) => match is(map.is_exact_match, map.is_exact_matchable) {
                Some(false) => Some(Search::BeginsWith),
                Some(true) | None => Some(Search::Same),
            },
            Some(false) | None => None,
        };
        let creates = map.do_create == Some(true);
        self.fields.push(Field {
            of_record: RecordField {
                name: map.field_name.clone(),
                label: detail.label.clone(),
                value: value.to_owned(),
                is_hidden: detail.is_hidden_from_agents(),
            },
            search,
            creates,
            fills: creates || map.is_fast_fillable == Some(true),
        });
    }

    /// Whether a record is made where none is found.
    pub(super) fn creates(&self) -> bool {
        self.fields.iter().any(|field| field.creates)
    }

    /// The fields of the record that is made.
    pub(super) fn new_fields(&self) -> Vec<RecordField> {
        let fields = self.fields.iter().filter(|field| field.fills);
        fields.map(|field| field.of_record.clone()).collect()
    }

    /// Finds records that meet all fields that are to be looked for. `None` without such a
    /// field, and where one cannot be looked for: the others alone would find more than the
    /// site wants.
    pub(super) fn query(&self, limit: usize) -> Option<RecordQuery> {
        let mut conditions = self
            .fields
            .iter()
            .filter_map(|field| Some((field, field.search?)))
            .map(|(field, search)| Some((search, condition(field, search)?)))
            .collect::<Option<Vec<_>>>()?;
        if conditions.is_empty() {
            return None;
        }
        // Fewer records have the same than begin with it.
        conditions.sort_by_key(|(search, _)| *search == Search::BeginsWith);
        Some(RecordQuery {
            entity_name: self.entity_name.clone(),
            conditions: conditions.into_iter().map(|(_, it)| it).collect(),
            candidates: CANDIDATES_MAX,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        })
    }

    /// Whether a record that is found need only begin with what is looked for.
    pub(super) fn searches_by_prefix(&self) -> bool {
        let mut searches = self.fields.iter().map(|field| field.search);
        searches.any(|search| search == Some(Search::BeginsWith))
    }
}

fn condition(field: &Field, search: Search) -> Option<RecordCondition> {
    let from = record_key(&field.of_record.value)?;
    let through = match search {
        Search::Same => from.clone(),
        Search::BeginsWith if from.chars().count() < PREFIX_MIN_CHARACTERS => return None,
        // No character is greater.
        Search::BeginsWith => format!("{from}{}", char::MAX),
    };
    Some(RecordCondition {
        field_name: field.of_record.name.clone(),
        from,
        through,
    })
}

/// The records that a request asks for, in its order.
pub(super) fn plans(init: &ChasitorInit) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    let named = |entity: &&Entity| !entity.entity_name.is_empty();
    for entity in init.prechat_entities.iter().filter(named) {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let mut plan = Plan::new(&entity.entity_name);
        plan.shows_on_create = entity.show_on_create == Some(true);
        plan.transcript_field = filled(&entity.save_to_transcript);
        plan.link = filled(&entity.link_to_entity_name)
            .zip(filled(&entity.link_to_entity_field))
            .map(|(entity_name, field_name)| Link {
                entity_name,
                field_name,
            });
        for map in entity.entity_fields_maps.iter().flatten() {
            let label = map.label.as_deref().unwrap_or_default();
            let mut details = init.prechat_details.iter();
            if let Some(detail) = details.find(|detail| detail.label == label) {
                plan.add(map, detail);
            }
        }
        plans.push(plan);
    }
    for detail in &init.prechat_details {
        for map in detail.entity_field_maps.iter().flatten() {
            let name = map.entity_name.as_deref().unwrap_or_default();
            if name.is_empty() {
                continue;
            }
            match plans.iter_mut().find(|plan| plan.entity_name == name) {
                Some(plan) => plan.add(map, detail),
                None => {
                    let mut plan = Plan::new(name);
                    plan.add(map, detail);
                    plans.push(plan);
                }
            }
        }
    }
    plans
}

/// Limits the size of what a request makes the server keep and agents receive.
///
/// # Errors
/// [`Refusal::Invalid`](super::super::Refusal::Invalid) beyond the limits of
/// `parlor_wire::limits`.
pub(super) fn check(init: &ChasitorInit) -> Result<()> {
    for (n, entity) in init.prechat_entities.iter().enumerate() {
        let names = [
            Some(&entity.entity_name),
            entity.link_to_entity_name.as_ref(),
            entity.link_to_entity_field.as_ref(),
            entity.save_to_transcript.as_ref(),
        ];
        let maps = entity.entity_fields_maps.iter().flatten();
        if names.into_iter().flatten().any(|name| is_long_name(name))
            || maps.into_iter().any(is_long_map)
        {
            return Err(invalid(format!("prechatEntities[{n}] is too long")));
        }
    }
    for (n, detail) in init.prechat_details.iter().enumerate() {
        let maps = detail.entity_field_maps.iter().flatten();
        if detail
            .transcript_fields
            .iter()
            .any(|name| is_long_name(name))
            || maps.into_iter().any(is_long_map)
        {
            return Err(invalid(format!("prechatDetails[{n}] is too long")));
        }
    }
    let plans = plans(init);
    if plans.len() > RECORDS_MAX {
        return Err(invalid(format!(
            "prechatEntities and entityFieldMaps name more than {RECORDS_MAX} records"
        )));
    }
    for plan in &plans {
        let fields = serde_json::to_vec(&plan.new_fields()).unwrap_or_default();
        if fields.len() > RECORD_MAX_BYTES {
            return Err(invalid(format!(
                "prechatEntities: a record has more than {RECORD_MAX_BYTES} bytes"
            )));
        }
    }
    let details = ThreadDetails {
        prechat_details: init.prechat_details.clone(),
        ..ThreadDetails::default()
    };
    let transcript = serde_json::to_vec(&details.transcript_fields()).unwrap_or_default();
    if transcript.len() > TRANSCRIPT_FIELDS_MAX_BYTES {
        return Err(invalid(format!(
            "prechatDetails: the transcript fields have more than {TRANSCRIPT_FIELDS_MAX_BYTES} bytes"
        )));
    }
    Ok(())
}

fn is_long_name(name: &str) -> bool {
    name.len() > RECORD_NAME_MAX_BYTES
}

fn is_long_map(map: &EntityFieldsMap) -> bool {
    let is_long_label = |label: &String| label.len() > LABEL_MAX_BYTES;
    map.entity_name.as_deref().is_some_and(is_long_name)
        || is_long_name(&map.field_name)
        || map.label.as_ref().is_some_and(is_long_label)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn init(details: Value, entities: Value) -> ChasitorInit {
        let body = json!({ "prechatDetails": details, "prechatEntities": entities });
        serde_json::from_value(body).unwrap()
    }

    fn plan(details: Value, maps: Value) -> Plan {
        let entity = json!({ "entityName": "Contact", "entityFieldsMaps": maps });
        plans(&init(details, json!([entity]))).remove(0)
    }

    fn details() -> Value {
        json!([{ "label": "E-mail", "value": " Jon@Example.com " }, { "label": "Name", "value": "Jon" },
            { "label": "Empty", "value": " " }])
    }

    fn names(fields: &[RecordField]) -> Vec<&str> {
        fields.iter().map(|field| field.name.as_str()).collect()
    }

    #[test]
    fn values_are_taken_by_label() {
        let maps = json!([
            { "fieldName": "Email", "label": "E-mail", "doFind": true, "isExactMatch": true, "doCreate": true },
            { "fieldName": "LastName", "label": "Name", "doFind": false, "isExactMatch": true, "doCreate": true },
            { "fieldName": "Phone", "label": "Empty", "doFind": true, "isExactMatch": true, "doCreate": true },
            { "fieldName": "Fax", "label": "e-mail", "doFind": true, "isExactMatch": true, "doCreate": true },
        ]);
        let plan = plan(details(), maps);
        assert_eq!(names(&plan.new_fields()), ["Email", "LastName"]);
        let query = plan.query(5).unwrap();
        let [condition] = &query.conditions[..] else {
            panic!("{query:?}");
        };
        assert_eq!(condition.field_name, "Email");
        assert_eq!(condition.from, "jon@example.com");
        assert_eq!(condition.through, "jon@example.com");
    }

    #[test]
    fn what_is_the_same_is_looked_up_before_what_begins_with_it() {
        let maps = json!([
            { "fieldName": "Name", "label": "Name", "doFind": true, "isExactMatch": false, "doCreate": false },
            { "fieldName": "Email", "label": "E-mail", "doFind": true, "isExactMatch": true, "doCreate": false },
        ]);
        let plan = plan(details(), maps);
        let query = plan.query(5).unwrap();
        assert_eq!(query.conditions[0].field_name, "Email");
        assert_eq!(query.conditions[1].through, "jon\u{10ffff}");
        assert!(plan.searches_by_prefix() && !plan.creates());
    }

    #[test]
    fn without_a_good_condition_nothing_is_looked_for() {
        let is_none = |value: &str, is_exact: bool| {
            let details =
                json!([{ "label": "Name", "value": value }, { "label": "X", "value": "good" }]);
            let maps = json!([
                { "fieldName": "Name", "label": "Name", "doFind": true, "isExactMatch": is_exact },
                { "fieldName": "X", "label": "X", "doFind": true, "isExactMatch": true },
            ]);
            plan(details, maps).query(5).is_none()
        };
        assert!(is_none("Jo", false), "too short a beginning");
        assert!(!is_none("Jo", true));
        assert!(!is_none("Jon", false));
        assert!(is_none(&"x".repeat(255), true), "no field has such a key");
        let nothing = json!([{ "fieldName": "Name", "label": "Name", "doCreate": true }]);
        assert_eq!(plan(details(), nothing).query(5), None);
    }

    #[test]
    fn a_detail_names_entities_itself() {
        let details = json!([{ "label": "E-mail", "value": "a@b.c", "entityFieldMaps": [
            { "entityName": "Contact", "fieldName": "Email", "isFastFillable": true,
              "isAutoQueryable": true, "isExactMatchable": true },
            { "entityName": "Lead", "fieldName": "Email", "isFastFillable": false,
              "isAutoQueryable": true, "isExactMatchable": false } ] },
            { "label": "Name", "value": "Jon" }]);
        let entities = json!([{ "entityName": "Contact", "entityFieldsMaps": [
            { "fieldName": "LastName", "label": "Name", "doFind": false, "isExactMatch": false, "doCreate": true }] }]);
        let plans = plans(&init(details, entities));
        let [contact, lead] = &plans[..] else {
            panic!("{plans:?}");
        };
        assert_eq!(names(&contact.new_fields()), ["LastName", "Email"]);
        assert!(contact.creates() && contact.query(1).is_some());
        assert!(!contact.searches_by_prefix());
        assert!(!lead.creates() && lead.searches_by_prefix());
        assert!(lead.new_fields().is_empty());
    }

    #[test]
    fn a_hidden_answer_stays_hidden_in_the_record() {
        let details = json!([{ "label": "Name", "value": "Jon", "displayToAgent": false }]);
        let maps = json!([{ "fieldName": "LastName", "label": "Name", "doCreate": true }]);
        assert!(plan(details, maps).new_fields()[0].is_hidden);
    }

    #[test]
    fn what_is_beyond_the_limits_is_refused() {
        let entity = |name: &str| json!({ "entityName": name, "entityFieldsMaps": [] });
        let many = |n: usize| Value::from_iter(vec![entity("Case"); n]);
        let name = "n".repeat(RECORD_NAME_MAX_BYTES);
        let longer = format!("{name}n");
        let map = |name: &str| json!([{ "fieldName": name, "label": "A", "doCreate": true }]);
        let with_map = |map: Value| json!([{ "entityName": "C", "entityFieldsMaps": map }]);
        let detail = |value: &str, transcript: Value| json!([{ "label": "A", "value": value, "transcriptFields": transcript }]);
        let saved = |n: usize| Value::from_iter((0..n).map(|n| format!("field{n}")));
        let long = "x".repeat(16 * 1024);
        let in_maps = |names: [&str; 2]| {
            let maps =
                names.map(|name| json!({ "fieldName": name, "label": "A", "doCreate": true }));
            with_map(json!(maps))
        };
        for (details, entities, is_fine) in [
            (json!([]), many(10), true),
            (json!([]), many(11), false),
            (json!([]), json!([entity(&name)]), true),
            (json!([]), json!([entity(&longer)]), false),
            (json!([]), json!([entity("")]), true),
            (json!([]), with_map(map(&name)), true),
            (json!([]), with_map(map(&longer)), false),
            (detail("a", json!([name])), json!([]), true),
            (detail("a", json!([longer])), json!([]), false),
            (detail(&long, saved(1)), json!([]), true),
            (detail(&long, saved(2)), json!([]), false),
            (detail(&long, json!([])), in_maps(["A", "A"]), true),
            (detail(&long, json!([])), in_maps(["A", "B"]), false),
        ] {
            let init = init(details, entities);
            assert_eq!(check(&init).is_ok(), is_fine, "{init:?}");
        }
    }
}
