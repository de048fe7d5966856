//! Stored records: a damaged body is refused, or means something that can be stored again.

use store::{IndexEntries, Record};

fn check<R: Record>(version: u8, body: &[u8]) {
    let Ok(record) = R::decode(version, body) else { return };
    let _ = record.key();
    record.index(&mut IndexEntries::default());
    let bytes = postcard::to_allocvec(&record).expect("what was read can be written");
    let again = R::decode(R::VERSION, &bytes).expect("what was written can be read");
    assert_eq!(postcard::to_allocvec(&again).expect("it was written before"), bytes);
}

const CHECKS: &[fn(u8, &[u8])] = &[
    check::<store::Done>,
    check::<store::Placement>,
    check::<tenancy::Tenant>,
    check::<library::project::Project>,
    check::<identity::ApiKey>,
    check::<identity::Group>,
    check::<identity::Invitation>,
    check::<identity::ServiceAccount>,
    check::<identity::Session>,
    check::<identity::User>,
    check::<access::Assignment>,
    check::<access::CustomRole>,
    check::<access::PolicyRecord>,
    check::<access::NetworkList>,
    check::<jobs::Job>,
    check::<jobs::Schedule>,
    check::<jobs::DueHint>,
    check::<library::brand::BrandKit>,
    check::<library::choice::Choice>,
    check::<library::comment::Comment>,
    check::<library::glossary::Glossary>,
    check::<library::dashboard::Dashboard>,
    check::<library::dashboard::DashboardVersion>,
    check::<library::recording::Recording>,
    check::<library::settings::Settings>,
    check::<library::storyboard::Storyboard>,
    check::<library::transcript::Transcript>,
    check::<library::upload::Upload>,
    check::<library::version::Version>,
    check::<library::video::Video>,
    check::<library::view_link::ViewLink>,
    check::<tenancy::Erasure>,
    check::<metering::rate::RateCard>,
    check::<metering::Segment>,
    check::<library::making::Pieces>,
    check::<library::stored::Held>,
    check::<tenancy::upkeep::Errand>,
    check::<access::usage::Usage>,
    check::<access::usage::MonthUsage>,
    check::<access::review::Review>,
    check::<access::review::Item>,
    check::<library::folder::Folder>,
];

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    if let [which, version, body @ ..] = bytes {
        CHECKS[usize::from(*which) % CHECKS.len()](version % 4, body);
    }
}
