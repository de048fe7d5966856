//! People told of what concerns them alone: whether there are mails, and whether they may see it.

use access::RequestContext;
use identity::{Realm, User};
use jobs::{GivenUp, PublishError, Reason, Work};
use library::{
    LibraryError, anchor,
    making::{Ended, tell_of_end},
    notice,
};
use model::{AnyId, Id, Permission, Subject, SystemTask, noun};
use store::{Read, Tx};

use crate::{endpoints::as_if_signed_in, problem::Problem, services::Services};

impl Services {
    /// Whether mails are sent at all.
    pub(crate) fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Whether somebody may see `subject`, were they signed in.
    pub(crate) fn sees(
        &self,
        read: &impl Read,
        realm: &Realm,
        user: &User,
        subject: &Subject,
    ) -> Result<bool, Problem> {
        let other = as_if_signed_in(read, realm, user)?;
        Ok(self.gate.decide(&other, Permission::ProjectRead, subject, &RequestContext::default())?.allowed)
    }

    /// What tells who ordered a video that it is there, in the commit that stores it.
    pub fn tells_of_video(
        &self,
        work: &Work,
    ) -> impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), PublishError> + Send + use<> {
        let (told, mails, job) = (self.is_told(work), self.sends_mail(), work.job.clone());
        move |tx, made| {
            if told {
                tell_of_end(tx, &job, Ended::Made(made), mails)?;
            }
            Ok(())
        }
    }

    /// What tells who ordered a video that it is given up, in the commit in which it is.
    pub fn tells_of_failure(&self, work: &Work) -> Option<GivenUp> {
        let mails = self.sends_mail();
        self.is_told(work).then(|| -> GivenUp {
            Box::new(move |tx, job| {
                let reason = job.failure.as_ref().map_or(Reason::Defect, |failure| failure.reason);
                tell_of_end(tx, job, Ended::GivenUp(reason), mails)
            })
        })
    }

    /// Whether who ordered a job may still see what it is about. Where that cannot be found out they are not told, and the job ends all
    /// the same.
    fn is_told(&self, work: &Work) -> bool {
        let sees = || -> Result<bool, Problem> {
            let Some(about) = work.job.about.filter(|_| library::making::is_making(work.job.kind)) else {
                return Ok(false);
            };
            let Some(user) = work.job.header.owner.typed::<noun::User>() else { return Ok(false) };
            let Some(realm) = self.realm_of(work.tenant)? else { return Ok(false) };
            let view = self.gate.file(work.tenant)?.read()?;
            let (Some(user), Some(anchor)) = (view.get::<User>(&user)?, anchor::find(&view, about)?) else {
                return Ok(false);
            };
            self.sees(&view, &realm, &user, &anchor.subject)
        };
        sees().unwrap_or_else(|problem| {
            tracing::warn!(job.id = %work.lease.job, code = problem.title, "who ordered a job is not told how it ended");
            false
        })
    }

    /// Tells people of a tenant of keys of theirs that end soon; says how many.
    ///
    /// # Errors
    /// Those of the store.
    pub fn remind_of_keys(&self, tenant: Id<noun::Tenant>) -> Result<usize, LibraryError> {
        let permit = self.gate.system(SystemTask::KeyReminder, tenant, tenant.erase())?;
        let _posting = self.sends_mail().then(|| self.jobs.announce(tenant)).transpose()?;
        Ok(notice::remind(permit, self.sends_mail(), self.store.clock().now())?)
    }
}
