use model::{Clock as _, ErrorKind, Level, Scope};

use super::*;
use crate::{
    RequestContext,
    world::{Place, grant, tenant, thing, user},
};

fn admin() -> Actor {
    Actor { address: "10.1.1.1".parse().ok(), ..user(&[grant(Level::Admin, Scope::Tenant)]) }
}

fn add(place: &Place, author: &Actor, text: &str) -> Result<PolicyRecord, ErrorKind> {
    let permit = place.gate.permit(author, &place.gate.realm(author), &RequestContext::default()).unwrap();
    let new = NewPolicy { name: "Rule".to_owned(), text: text.to_owned(), enabled: true };
    save(permit, place.gate.specification(), None, &new).map_err(|error| error.kind())
}

fn may(place: &Place, actor: &Actor) -> bool {
    place.gate.decide(actor, Permission::ProjectUpdate, &thing(), &RequestContext::default()).unwrap().allowed
}

#[test]
fn policies_count_from_the_next_question_on() {
    let place = Place::new();
    let editor = user(&[grant(Level::Editor, Scope::Tenant)]);
    assert!(may(&place, &editor));
    let record = add(&place, &admin(), r#"forbid(principal, action == Action::"project:update", resource);"#).unwrap();
    assert!(!may(&place, &editor));

    let permit = || place.gate.permit(&admin(), &record.header.subject(), &RequestContext::default()).unwrap();
    let off = NewPolicy { name: "Off".to_owned(), text: record.text.clone(), enabled: false };
    assert_eq!(save(permit(), place.gate.specification(), Some(1), &off).unwrap().header.version, 2);
    assert!(may(&place, &editor));
    assert_eq!(save(permit(), place.gate.specification(), Some(1), &off).unwrap_err().kind(), ErrorKind::Conflict);
    delete(permit(), place.gate.specification(), Some(2)).unwrap();
    let view = place.store.tenant(tenant(1)).unwrap().read().unwrap();
    assert_eq!(get(&view, record.header.id).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn policies_that_do_not_fit_are_refused() {
    let place = Place::new();
    let add = |text| add(&place, &admin(), text).map(drop);
    assert_eq!(add("forbid(principal, action);"), Err(ErrorKind::Invalid));
    assert_eq!(add(r#"permit(principal, action == Action::"tenant:delete", resource);"#), Err(ErrorKind::Denied));
    assert_eq!(add("forbid(principal, action, resource);"), Err(ErrorKind::Conflict), "it would lock its author out");
    let owners = r#"forbid(principal in Role::"owner", action, resource);"#;
    assert_eq!(add(owners), Err(ErrorKind::Conflict), "nor may an admin lock the owners out");
    assert!(place.rows().is_empty(), "what is refused leaves no trace");
}

#[test]
fn networks_let_their_author_in() {
    let place = Place::new();
    let set = |networks: &[&str]| {
        let permit = place.gate.permit(&admin(), &place.gate.realm(&admin()), &RequestContext::default()).unwrap();
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        set_networks(permit, networks).map_err(|error| error.kind())
    };
    assert_eq!(set(&["11.0.0.0/8"]), Err(ErrorKind::Conflict));
    assert_eq!(set(&["11.0.0.0/8", "10.0.0.0/8"]), Ok(()));
    assert!(may(&place, &admin()));
    assert!(!may(&place, &Actor { address: "12.0.0.1".parse().ok(), ..admin() }));
    assert_eq!(set(&[]), Ok(()));
    assert!(may(&place, &Actor { address: "12.0.0.1".parse().ok(), ..admin() }));
}

/// A policy that an upgrade made unreadable stops everything but its repair.
#[test]
fn broken_policies_can_be_repaired() {
    let place = Place::new();
    let store = place.store.tenant(tenant(1)).unwrap();
    let broken = [1, 2].map(|number| PolicyRecord {
        header: Header::new(
            Id::from_bits(number),
            tenant(1),
            admin().home,
            admin().id,
            DataClass::K6,
            place.clock.now(),
        ),
        name: "Old".to_owned(),
        text: "forbid(principal, action, resource) when { principal.shoe_size > 46 };".to_owned(),
        enabled: true,
    });
    for record in &broken {
        let event = store::EventDraft::system(model::SystemTask::Backup, tenant(1).erase());
        store.write::<(), store::WriteError>(event, |tx| tx.put(record)).unwrap();
    }
    assert!(!may(&place, &admin()));
    for record in &broken {
        let permit = place.gate.permit(&admin(), &record.header.subject(), &RequestContext::default()).unwrap();
        delete(permit, place.gate.specification(), None).unwrap();
    }
    assert!(may(&place, &admin()));
}
