//! The permission check, in this process: from the role set, with a remembered answer of a tenant's own policies, and with
//! 37 policies asked afresh. Times are processor time of the asking thread, so that a busy machine says the same.

use std::{collections::BTreeSet, hint::black_box, sync::Arc};

use access::{CheckedPolicy, Context, OwnPolicies, Rule, Specification, decide};
use clap::Args;
use model::{Classification, Id, Permission, Subject, Timestamp, noun};

use crate::{Done, house::owner, machine, seed::region};

/// The permission check
#[derive(Debug, Args)]
pub(crate) struct Decision {
    /// Questions for each figure
    #[arg(long, default_value_t = 200_000)]
    questions: u32,
}

/// A permission that nobody has said anything against, and one that the answer depends on roles for.
const ASKED: [Permission; 4] =
    [Permission::ProjectRead, Permission::ProjectUpdate, Permission::AssetUpload, Permission::RenderSubmit];

impl Decision {
    pub(crate) fn run(self) -> Done {
        machine::notes(&std::env::temp_dir())?;
        let actor = owner(Id::from_bits(1), region(), Id::from_bits(7));
        let context = Context {
            region: region(),
            now: Timestamp::from_millis(1_800_000_000_000),
            address: None,
            allow_networks: &[],
            not_after: None,
            break_glass: false,
        };
        let subjects: Vec<Subject> = (0..64).map(subject).collect();

        let ask = |own: Option<&OwnPolicies>, number: usize, subject: &Subject| {
            let decision = decide(&actor, ASKED[number % ASKED.len()], subject, &context, own);
            assert!(black_box(decision).allowed, "an owner may");
        };
        let each = |own: Option<&OwnPolicies>| {
            let mut rounds: Vec<f64> = (0..9)
                .map(|_| {
                    let start = machine::thread_time();
                    for number in 0..self.questions as usize {
                        ask(own, number, black_box(&subjects[number % 64]));
                    }
                    (machine::thread_time() - start).as_secs_f64() * 1e9 / f64::from(self.questions)
                })
                .collect();
            rounds.sort_unstable_by(f64::total_cmp);
            rounds[rounds.len() / 2]
        };
        let bare = {
            let start = machine::thread_time();
            for number in 0..self.questions as usize {
                let set = black_box(actor.grants[0].permissions);
                assert!(black_box(set.contains(black_box(ASKED[number % ASKED.len()]))));
            }
            (machine::thread_time() - start).as_secs_f64() * 1e9 / f64::from(self.questions)
        };
        println!("one bit of a set, the limit: {bare:.1} ns");
        machine::bar("check from the role set", each(None), "ns", 50.0, false);

        let rules = Rule::ALL.len();
        for own_count in [37 - rules, 37] {
            let own = policies(own_count)?;
            println!("{rules} rules of every tenant and {own_count} policies of the tenant's own:");
            machine::bar("  check with a remembered answer", each(Some(&own)) / 1e3, "us", 1.0, false);
            let mut times: Vec<f64> = (0..u128::from(self.questions.min(50_000)))
                .map(|number| {
                    // A thing that was never asked about.
                    let subject = subject(1_000 + number);
                    let start = machine::thread_time();
                    ask(Some(&own), number as usize, &subject);
                    (machine::thread_time() - start).as_secs_f64() * 1e6
                })
                .collect();
            times.sort_unstable_by(f64::total_cmp);
            let at = |share: f64| times[(times.len() as f64 * share) as usize];
            println!("  asked afresh: p50 {:.1} us, p95 {:.1} us", at(0.5), at(0.95));
            machine::bar("  asked afresh, p99", at(0.99), "us", 50.0, false);
        }
        Ok(())
    }
}

fn subject(number: u128) -> Subject {
    let project = Id::<noun::Project>::from_bits(100 + number);
    Subject {
        id: project.erase(),
        tenant: Id::from_bits(1),
        owner: Some(Id::<noun::User>::from_bits(8).erase()),
        project: Some(project),
        classification: Classification::Internal,
        residency: BTreeSet::from([region()]),
        legal_hold: false,
    }
}

/// Policies that all have to be looked at: some about a role, some about the thing, some about the request.
fn policies(count: usize) -> Done<OwnPolicies> {
    let specification = Arc::new(Specification::new());
    let text = |number: usize| match number % 4 {
        0 => format!("forbid(principal, action, resource) when {{ resource.classification > {} }};", 4 + number),
        1 => "forbid(principal in Role::\"billing\", action in Action::\"level:editor\", resource);".to_owned(),
        2 => format!(
            "forbid(principal, action, resource) when {{ principal.aal < 1 && principal.clearance < {number} }};"
        ),
        _ => "forbid(principal, action, resource) when { context.api_key && !context.within_key };".to_owned(),
    };
    let checked =
        (0..count).map(|number| CheckedPolicy::new(&specification, Id::from_bits(number as u128), &text(number)));
    let checked: Vec<_> = checked.collect::<Result<_, _>>()?;
    OwnPolicies::new(&specification, checked)?.ok_or_else(|| "no policies".into())
}
