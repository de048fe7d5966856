//! Moves over a real store.

use ::jobs::{JobError, JobKind, NewJob, State};
use access::RequestContext;
use model::{DataClass, NounKind, Permitted, Subject};
use store::{Headed, View, WriteError, blob::BlobDigest};

use super::*;
use crate::{
    comment::{Comment, NewComment},
    folder::{Folder, FolderChange},
    recording::RecordingChange,
    test_place::{Place, TENANT, event},
    video::Video,
    view_link::{NewLink, ViewLink},
};

const DIGEST: BlobDigest = BlobDigest([7; 32]);

impl Place {
    fn view(&self) -> View {
        self.store.tenant(TENANT).unwrap().read().unwrap()
    }

    fn get<R: Headed>(&self, id: Id<R::Noun>) -> R {
        self.view().get::<R>(&id).unwrap().unwrap()
    }

    fn put<T>(&self, put: impl FnOnce(&mut Tx<'_>) -> Result<T, WriteError>) -> T {
        self.store.tenant(TENANT).unwrap().write(event(), put).unwrap()
    }

    fn permit<P: Permitted>(&self, subject: &Subject) -> Permit<P> {
        self.gate.permit(&self.actor, subject, &RequestContext::default()).unwrap()
    }

    fn header<K: Noun>(&self, tx: &Tx<'_>, project: Option<Id<noun::Project>>) -> Header<K> {
        let (home, owner) = (self.actor.home, self.actor.id);
        Header { project, ..Header::new(tx.new_id(), TENANT, home, owner, DataClass::K6, tx.now()) }
    }

    fn project(&self, classification: Classification) -> Project {
        self.put(|tx| {
            let header = Header { classification, ..self.header(tx, None) };
            let (description, tags) = (String::new(), Vec::new());
            let project = Project { header, title: "x".into(), description, tags, trashed: None };
            tx.put(&project).map(|()| project)
        })
    }

    fn recording(&self, project: &Project) -> Recording {
        self.put(|tx| {
            let recording = Recording {
                header: self.header(tx, Some(project.header.id)),
                title: "Talk".into(),
                tags: Vec::new(),
                file_name: "talk.m4a".into(),
                media_type: "audio/mp4".into(),
                media: DIGEST,
                bytes: 1,
                duration_ms: None,
                trashed: None,
                folder: None,
            };
            tx.put(&recording).map(|()| recording)
        })
    }

    fn folder(&self, project: &Project, title: &str) -> Folder {
        folder::create(self.permit(&project.header.subject()), title, None).unwrap()
    }

    /// A job about a thing, and whether it has ended.
    fn job(&self, about: &impl Headed, ended: bool) -> Id<noun::Job> {
        let header = about.header();
        let mut new = NewJob::new(JobKind::Render, TENANT, self.actor.home, self.actor.id);
        (new.project, new.about) = (header.project, Some(header.id.erase()));
        let tenant = self.store.tenant(TENANT).unwrap();
        let submitted = tenant.write::<_, JobError>(event(), |tx| {
            let id = ::jobs::submit(tx, new)?.job().header.id;
            if ended {
                ::jobs::cancel(tx, id)?;
            }
            Ok(id)
        });
        submitted.unwrap()
    }

    fn moved(&self, recording: &Recording, base: Option<u64>) -> Moved {
        Moved { permit: self.permit(&recording.header.subject()), base }
    }

    fn bring(
        &self,
        project: &Project,
        moved: &[Moved],
        folder: Option<&Folder>,
    ) -> Result<Vec<Recording>, LibraryError> {
        into_project(self.permit(&project.header.subject()), moved, folder.map(|folder| folder.header.id))
    }
}

/// Where a thing lies, and how secret it is.
fn lies<K: Noun>(header: &Header<K>) -> (Option<Id<noun::Project>>, Classification) {
    (header.project, header.classification)
}

#[test]
fn all_that_was_made_of_a_recording_goes_with_it() {
    let place = Place::new();
    let (from, to) = (place.project(Classification::Internal), place.project(Classification::Confidential));
    let recording = place.recording(&from);
    let (id, project) = (recording.header.id, Some(from.header.id));
    let (transcript, board, video) = place.put(|tx| {
        let transcript = Transcript {
            header: Header { version: 4, ..place.header(tx, project) },
            recording: id,
            title: "Talk".into(),
            language: "en".into(),
            duration_ms: 1,
            words: 1,
            digest: DIGEST,
            unsure: 0,
            certainty: None,
            corrected: 0,
        };
        let board = Storyboard {
            header: Header { version: 3, ..place.header(tx, project) },
            recording: id,
            transcript: transcript.header.id,
            title: "Talk".into(),
            theme: "light".into(),
            canvas: (1_920, 1_080, 30),
            scenes: 1,
            digest: DIGEST,
        };
        let video = Video {
            header: place.header(tx, project),
            recording: id,
            storyboard: board.header.id,
            storyboard_version: 3,
            transcript_version: 4,
            job: tx.new_id(),
            title: "Talk".into(),
            theme: "light".into(),
            canvas: (1_920, 1_080, 30),
            duration_ms: 1,
            files: Vec::new(),
            shared: None,
        };
        tx.put(&transcript)?;
        tx.put(&board)?;
        tx.put(&video)?;
        Ok((transcript, board, video))
    });
    let jobs = [place.job(&recording, true), place.job(&transcript, true), place.job(&board, true)];
    let text = || NewComment { text: "Good".into(), ..NewComment::default() };
    let on = [recording.header.subject(), board.header.subject(), video.header.subject()];
    let comments = on.map(|subject| {
        let comment = comment::create(place.permit(&subject), text()).unwrap();
        let reply = comment::reply(place.permit(&subject), comment.header.id, text()).unwrap();
        [comment.header.id, reply.header.id]
    });
    let link = view_link::create(place.permit(&video.header.subject()), NewLink::default()).unwrap().1;

    let folder = place.folder(&to, "Interviews");
    let moved = place.bring(&to, &[place.moved(&recording, Some(1))], Some(&folder)).unwrap().remove(0);
    assert_eq!((moved.header.version, moved.folder), (2, Some(folder.header.id)));

    let expected = (Some(to.header.id), Classification::Confidential);
    assert_eq!(lies(&place.get::<Recording>(id).header), expected);
    let now = place.get::<Transcript>(transcript.header.id);
    assert_eq!((lies(&now.header), now.header.version), (expected, 4), "its version counts what it says");
    let now = place.get::<Storyboard>(board.header.id);
    assert_eq!((lies(&now.header), now.header.version), (expected, 3));
    assert_eq!(lies(&place.get::<Video>(video.header.id).header), expected);
    assert_eq!(lies(&place.get::<ViewLink>(link.header.id).header), expected);
    for comment in comments.concat() {
        assert_eq!(lies(&place.get::<Comment>(comment).header), expected);
    }
    for job in jobs {
        let job = place.get::<::jobs::Job>(job);
        assert_eq!(lies(&job.header), expected);
        assert!(matches!(job.state, State::Cancelled { .. }));
    }
    assert!(recording::of_project(&place.view(), from.header.id, None, 10).unwrap().items.is_empty());
    // What has once been among secrets is not let out by moving it on.
    let back = place.bring(&from, &[place.moved(&moved, None)], None).unwrap().remove(0);
    assert_eq!(lies(&back.header), (Some(from.header.id), Classification::Confidential));
    assert_eq!(back.folder, None);
}

#[test]
fn what_is_worked_on_stays_until_the_work_is_done() {
    let place = Place::new();
    let (from, to) = (place.project(Classification::Internal), place.project(Classification::Internal));
    let (busy, idle) = (place.recording(&from), place.recording(&from));
    let job = place.job(&busy, false);
    let rows = |place: &Place| place.store.tenant(TENANT).unwrap().audit_head().unwrap().0;
    let before = rows(&place);
    let both = [place.moved(&idle, None), place.moved(&busy, None)];
    assert!(matches!(place.bring(&to, &both, None), Err(LibraryError::Busy)));
    assert_eq!(place.get::<Recording>(idle.header.id), idle, "all of them or none");
    assert_eq!(rows(&place), before);
    // Where it stays in its project, nothing changes for the job.
    let folder = place.folder(&from, "Later");
    assert!(place.bring(&from, &[place.moved(&busy, None)], Some(&folder)).is_ok());
    place.store.tenant(TENANT).unwrap().write(event(), |tx| ::jobs::cancel(tx, job).map(drop)).unwrap();
    let busy = place.get::<Recording>(busy.header.id);
    assert!(place.bring(&to, &[place.moved(&busy, None)], None).is_ok());
}

#[test]
fn moves_that_are_refused() {
    let place = Place::new();
    let (from, to) = (place.project(Classification::Internal), place.project(Classification::Internal));
    let recording = place.recording(&from);
    let one = |base| [place.moved(&recording, base)];
    assert!(matches!(place.bring(&to, &one(Some(7)), None), Err(LibraryError::Version { read: 7, now: 1 })));
    let elsewhere = place.folder(&from, "Elsewhere");
    assert!(matches!(place.bring(&to, &one(None), Some(&elsewhere)), Err(LibraryError::Field { field: "folder", .. })));
    let twice = [place.moved(&recording, None), place.moved(&recording, None)];
    for wrong in [&twice[..], &[]] {
        assert!(matches!(place.bring(&to, wrong, None), Err(LibraryError::Field { field: "recordings", .. })));
    }
    // Rights that were asked for in one project are none in another.
    let stale = one(None);
    place.bring(&to, &one(None), None).unwrap();
    assert!(matches!(place.bring(&from, &stale, None), Err(LibraryError::NotFound)));

    let recording = place.get::<Recording>(recording.header.id);
    place.put(|tx| {
        let mut held = tx.get::<Project>(&to.header.id)?.unwrap();
        held.header.legal_hold = true;
        tx.put(&held)
    });
    assert!(matches!(place.bring(&from, &[place.moved(&recording, None)], None), Err(LibraryError::Held)));
    place.put(|tx| {
        let mut recording = recording.clone();
        recording.trashed = Some(tx.now());
        tx.put(&recording)
    });
    assert!(matches!(
        place.bring(&to, &[place.moved(&recording, None)], None),
        Err(LibraryError::Trashed("recording"))
    ));
}

#[test]
fn a_folder_that_goes_leaves_what_was_in_it() {
    let place = Place::new();
    let project = place.project(Classification::Internal);
    let subject = project.header.subject();
    let within = |title: &str, parent: Option<&Folder>| {
        folder::create(place.permit(&subject), title, parent.map(|parent| parent.header.id)).unwrap()
    };
    let outer = within("Outer", None);
    let (inner, notes) = (within("Inner", Some(&outer)), within("Notes", Some(&outer)));
    let deeper = within("notes", Some(&inner));
    let (kept, thrown) = (place.recording(&project), place.recording(&project));
    place.bring(&project, &[place.moved(&kept, None), place.moved(&thrown, None)], Some(&inner)).unwrap();
    recording::trash(place.permit(&thrown.header.subject()), None).unwrap();

    folder::delete(place.permit(&inner.header.subject()), Some(1)).unwrap();
    assert_eq!(place.view().get::<Folder>(&inner.header.id).unwrap(), None);
    for recording in [&kept, &thrown] {
        assert_eq!(place.get::<Recording>(recording.header.id).folder, Some(outer.header.id));
    }
    let deeper = place.get::<Folder>(deeper.header.id);
    assert_eq!((deeper.title.as_str(), deeper.parent), ("notes (2)", Some(outer.header.id)));
    folder::delete(place.permit(&outer.header.subject()), None).unwrap();
    assert_eq!(place.get::<Recording>(kept.header.id).folder, None);
    let top = folder::list(&place.permit(&subject), None, 10).unwrap().items;
    assert_eq!(top.iter().map(|folder| folder.title.as_str()).collect::<Vec<_>>(), ["Notes", "notes (2)"]);
    assert_eq!(notes.header.id, top[0].header.id);

    // A change that says nothing of a thing leaves it.
    let change = FolderChange { title: Some("Minutes".into()), ..FolderChange::default() };
    let renamed = folder::update(place.permit(&deeper.header.subject()), None, &change).unwrap();
    assert_eq!((renamed.title.as_str(), renamed.parent), ("Minutes", None));
    let change = RecordingChange { title: Some("Talk 2".into()), ..RecordingChange::default() };
    assert_eq!(recording::update(place.permit(&kept.header.subject()), None, &change).unwrap().folder, None);

    place.put(|tx| {
        let mut project = project.clone();
        project.trashed = Some(tx.now());
        tx.put(&project)
    });
    assert!(matches!(folder::create(place.permit(&subject), "Late", None), Err(LibraryError::Trashed("project"))));
    project::delete(place.permit(&subject), None).unwrap();
    assert_eq!(place.view().get::<Folder>(&renamed.header.id).unwrap(), None);
    assert_eq!(renamed.header.id.erase().kind, NounKind::Folder);
}
