//! Recordings, what is made of them, and jobs.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use jobs::{Job, JobKind, NewJob, StateKind, Update};
use library::making::{Hearing, Inputs, Look, Order};
use model::{Id, SystemTask, noun};
use store::{EventDraft, Read as _};
use tenancy::Plan;

use super::{super::engine::made, Person, World};

impl World {
    /// Uploads a recording in one part; its id.
    pub(in crate::tests) async fn upload(&self, who: &Person, project: &str, name: &str, bytes: &[u8]) -> String {
        let new = serde_json::json!({ "file_name": name, "media_type": "audio/mp4", "size": bytes.len() });
        let path = format!("/v1/projects/{project}/uploads");
        let begun = self.send(Some(who), Method::POST, &path, new).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
        let path = format!("/v1/uploads/{}", begun.body["id"].as_str().unwrap());
        let done = self.send_bytes(who, &path, 0, bytes).await;
        done.body["recording"].as_str().unwrap_or_else(|| panic!("{}", done.body)).to_owned()
    }

    /// What a job makes of a recording, without running one: a waiting job, one that was called off, and the things.
    pub(in crate::tests) fn made_of(&self, owner: &Person, recording: &str) -> Made {
        let tenant = self.services.store.tenant(owner.tenant).unwrap();
        let blobs = tenant.blobs();
        let recording = recording.parse().unwrap();
        let head = tenant.read().unwrap().get::<library::recording::Recording>(&recording).unwrap().unwrap().header;
        let order = Order::MakeVideo { recording, hearing: Hearing::default(), look: Look::default() };
        let mut new = NewJob::new(JobKind::MakeVideo, owner.tenant, self.services.region, owner.id.erase());
        new.payload = serde_json::to_vec(&order).unwrap();
        (new.project, new.about) = (head.project, Some(recording.erase()));
        let event = || EventDraft::system(SystemTask::JobRun, recording.erase());
        let submit = |new: &NewJob| {
            tenant.write::<_, jobs::JobError>(event(), |tx| Ok(jobs::submit(tx, new.clone())?.job().clone())).unwrap()
        };
        let (job, other) = (submit(&new), submit(&new));
        tenant.write(event(), |tx| jobs::cancel(tx, other.header.id)).unwrap();
        let plan = Plan::Team.limits();
        let inputs = Inputs::of(&tenant, &job, &plan).unwrap();
        let produced = made(&blobs);
        let publish = |tx: &mut store::Tx<'_>| library::making::publish(tx, &blobs, &job, &inputs, &plan, produced);
        let video = tenant.write(event(), publish).unwrap().unwrap();
        let view = tenant.read().unwrap();
        let video = view.get::<library::video::Video>(&video.typed().unwrap()).unwrap().unwrap();
        let transcript = library::transcript::Transcript::of_recording(&view, recording).unwrap().unwrap();
        Made {
            job: job.header.id.to_string(),
            ended_job: other.header.id.to_string(),
            transcript: transcript.header.id.to_string(),
            storyboard: video.storyboard.to_string(),
            video: video.header.id.to_string(),
        }
    }

    /// Calls a job off, whatever it does.
    pub(in crate::tests) fn call_off(&self, who: &Person, job: &str) {
        let id: Id<noun::Job> = job.parse().unwrap();
        let tenant = self.services.store.tenant(who.tenant).unwrap();
        let event = EventDraft::system(SystemTask::JobRun, id.erase());
        tenant.write(event, |tx| jobs::cancel(tx, id)).unwrap();
    }

    /// Waits until a job is over.
    pub(in crate::tests) fn finish(&self, who: &Person, job: &str) -> Job {
        self.until(who, job, Update::is_last)
    }

    /// Waits until a job stands so.
    pub(in crate::tests) fn until(&self, who: &Person, job: &str, fits: impl Fn(&Update) -> bool) -> Job {
        let id = job.parse().unwrap();
        let mut subscription = self.services.jobs.subscribe(who.tenant, id).unwrap();
        loop {
            let update = subscription.wait(Duration::from_secs(60)).expect("the job goes on");
            if fits(&update) {
                let tenant = self.services.store.tenant(who.tenant).unwrap();
                return tenant.read().unwrap().get::<Job>(&id).unwrap().unwrap();
            }
        }
    }

    /// Waits until a job waits for its next attempt, after so many failures, and moves the clock to when that is.
    pub(in crate::tests) fn until_next_attempt(&self, who: &Person, job: &str, failures: u32) {
        let id = job.parse().unwrap();
        let tenant = self.services.store.tenant(who.tenant).unwrap();
        let mut subscription = self.services.jobs.subscribe(who.tenant, id).unwrap();
        let stored = loop {
            let stored = tenant.read().unwrap().get::<Job>(&id).unwrap().unwrap();
            if stored.failures >= failures && stored.state.kind() == StateKind::Queued {
                break stored;
            }
            subscription.wait(Duration::from_millis(20));
        };
        self.clock.advance(stored.state.at().since(self.services.store.clock().now()));
        self.services.jobs.wake(who.tenant);
    }
}

/// What was made of a recording, by ids.
pub(in crate::tests) struct Made {
    pub(in crate::tests) job: String,
    pub(in crate::tests) ended_job: String,
    pub(in crate::tests) transcript: String,
    pub(in crate::tests) storyboard: String,
    pub(in crate::tests) video: String,
}
