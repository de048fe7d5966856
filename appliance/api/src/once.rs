//! `Idempotency-Key`: a request that is sent again is done once and answered the same.
//!
//! That a request was done is stored in the commit that did it (`store::Done`), so no crash can make it happen twice. Its answer is
//! known only after the commit: it waits here in memory and is stored with the next round of [`Repeats::keep`]. If the appliance
//! dies in between, a repeat is told `already_done` and the id of what was made.
//!
//! Answers may hold secrets that are shown once. So they are sealed (AES-256-GCM-SIV) as soon as they are made, under a key that
//! is derived from the text of the `Idempotency-Key`; that text is nowhere stored, only a digest of it. Who holds the file and its
//! keys cannot open an answer without the sender's key, which is why keys must be long.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use access::Gate;
use aes_gcm_siv::{Aes256GcmSiv, Nonce, aead::Aead as _, aead::KeyInit as _};
use axum::{
    body::{Body, HttpBody as _},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use model::{Id, SystemTask, noun};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Database, Done, EventDraft, Once, Read as _, WriteError};

use crate::{
    endpoint::{Door, Endpoint},
    problem::{Code, Problem},
    request::Request,
    services::Services,
};

/// The header with which a sender names its request.
pub(crate) const HEADER: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The least and most characters of a key: a UUID has 36.
pub(crate) const LENGTH: std::ops::RangeInclusive<usize> = 16..=128;
/// The largest answer that is kept, in bytes.
const MAX_ANSWER: u64 = 64 << 10;
/// The most bytes of answers that wait to be stored; beyond, answers are not kept.
const MAX_WAITING: usize = 16 << 20;
/// The most answers that one write stores: at their largest they fit into one.
const MAX_AT_ONCE: usize = 32;

type Name = (Id<noun::Tenant>, [u8; 32]);

/// Requests with a key that run, and answers that wait to be stored.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    running: Mutex<BTreeSet<Name>>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    answers: BTreeMap<Name, Kept>,
    bytes: usize,
}

/// A sealed answer, and whose it is.
#[derive(Debug, Clone)]
struct Kept {
    attempt: [u8; 16],
    sealed: Vec<u8>,
}

/// An answer as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What was found out of a request with a key.
struct Sent<'a> {
    name: Name,
    text: &'a str,
    fingerprint: [u8; 32],
}

/// Runs an endpoint, once where the sender has named the request.
pub(crate) fn run(services: &Arc<Services>, endpoint: &Endpoint, request: &mut Request) -> Result<Response, Problem> {
    let text = match request.header(HEADER) {
        Some(text) if takes_key(endpoint) => text.to_owned(),
        _ => return endpoint.run(services, request),
    };
    let sent = Sent::of(endpoint, request, &text)?;
    let _running = services.repeats.begin(sent.name)?;
    if let Some(done) = services.repeats.find(services, &sent)? {
        // Whoever has lost the permission meanwhile does not get the answer either.
        endpoint.admit(services, request)?;
        return again(&sent, done);
    }
    let attempt = crate::router::fresh().to_be_bytes();
    request.once = Some(Once { key: sent.name.1, fingerprint: sent.fingerprint, attempt });
    let answered = endpoint.run(services, request);
    // What is written from here on is no part of what was asked for.
    request.once = None;
    if !is_done(&services.gate, &sent, attempt)? {
        return answered;
    }
    let (answer, response) = copy(answered.unwrap_or_else(|mut problem| {
        problem.instance = Some(request.id.clone());
        problem.into_response()
    }))?;
    if let Some(answer) = answer {
        services.repeats.wait(sent.name, Kept { attempt, sealed: sent.seal(&answer, attempt) });
    }
    Ok(response)
}

/// Whether an endpoint heeds the header: those that create or do something for a known caller.
pub(crate) fn takes_key(endpoint: &Endpoint) -> bool {
    endpoint.method == Method::POST && endpoint.door != Door::Public
}

/// The answer that was given to the same request before.
fn again(sent: &Sent<'_>, done: Done) -> Result<Response, Problem> {
    let Some(answer) = done.answer.and_then(|sealed| sent.open(&sealed)) else {
        let detail = format!(
            "this request was done before and its answer is not kept; look at what it was about, {}",
            done.subject
        );
        return Err(Problem::new(Code::AlreadyDone, detail));
    };
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// The parts of an answer that are kept, and the answer itself; nothing is kept of what is streamed or large.
fn copy(response: Response) -> Result<(Option<Answer>, Response), Problem> {
    if response.body().size_hint().exact().is_none_or(|bytes| bytes > MAX_ANSWER) {
        return Ok((None, response));
    }
    let (parts, body) = response.into_parts();
    // The bytes are all there: their number is known.
    let bytes = tokio::runtime::Handle::current()
        .block_on(axum::body::to_bytes(body, MAX_ANSWER as usize))
        .map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
    let kept = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];
    let headers = kept.into_iter().filter_map(|name| {
        let value = parts.headers.get(&name)?.to_str().ok()?.to_owned();
        Some((name.to_string(), value))
    });
    let answer = Answer { status: parts.status.as_u16(), headers: headers.collect(), body: bytes.to_vec() };
    Ok((Some(answer), Response::from_parts(parts, Body::from(bytes))))
}

impl<'a> Sent<'a> {
    fn of(endpoint: &Endpoint, request: &Request, text: &'a str) -> Result<Self, Problem> {
        if !LENGTH.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Problem::new(
                Code::BadRequest,
                "Idempotency-Key must have 16 to 128 visible ASCII characters, all of them chosen anew for each request",
            ));
        }
        let actor = request.actor()?;
        let digest = |parts: &[&[u8]]| {
            let mut hash = Sha256::new();
            for part in parts {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
            <[u8; 32]>::from(hash.finalize())
        };
        let (tenant, id) = (actor.tenant.to_bytes(), actor.id.to_string());
        let key =
            digest(&[b"audiagram idempotency 1", &tenant, id.as_bytes(), endpoint.name.as_bytes(), text.as_bytes()]);
        let mut said: Vec<&[u8]> = vec![b"audiagram request 1", request.query.as_bytes(), &request.body];
        said.extend(request.path.values().map(String::as_bytes));
        said.push(request.header("if-match").unwrap_or_default().as_bytes());
        Ok(Sent { name: (actor.tenant, key), text, fingerprint: digest(&said) })
    }

    fn cipher(&self) -> Aes256GcmSiv {
        let mut hash = Sha256::new();
        hash.update(b"audiagram idempotency seal 1");
        hash.update(self.name.1);
        hash.update(self.text.as_bytes());
        Aes256GcmSiv::new_from_slice(&hash.finalize()).expect("32 bytes are a key of AES-256")
    }

    fn seal(&self, answer: &Answer, attempt: [u8; 16]) -> Vec<u8> {
        let plain = postcard::to_allocvec(&(self.fingerprint, answer)).expect("answers are plain data");
        let nonce: [u8; 12] = attempt[4..].try_into().expect("the last 12 of 16 bytes");
        let body = self.cipher().encrypt(&Nonce::from(nonce), plain.as_slice());
        [nonce.as_slice(), &body.expect("an answer is within the limits of the cipher")].concat()
    }

    fn open(&self, sealed: &[u8]) -> Option<Answer> {
        let (nonce, body) = sealed.split_first_chunk::<12>()?;
        let plain = self.cipher().decrypt(&Nonce::from(*nonce), body).ok()?;
        let (fingerprint, answer): ([u8; 32], Answer) = postcard::from_bytes(&plain).ok()?;
        (fingerprint == self.fingerprint).then_some(answer)
    }
}

impl Repeats {
    fn begin(&self, name: Name) -> Result<Running<'_>, Problem> {
        if !lock(&self.running).insert(name) {
            let mut problem = Problem::new(
                Code::IdempotencyConflict,
                "a request with this Idempotency-Key is being done; ask again in a moment",
            );
            problem.retry_after_s = Some(1);
            return Err(problem);
        }
        Ok(Running { repeats: self, name })
    }

    /// What is known of a request that was done, with its sealed answer where there is one.
    fn find(&self, services: &Services, sent: &Sent<'_>) -> Result<Option<Done>, Problem> {
        let now = services.store.clock().now();
        let done = stored(&services.gate, sent.name)?;
        let Some(mut done) = done.filter(|done| done.is_remembered(now)) else { return Ok(None) };
        if done.fingerprint != sent.fingerprint {
            return Err(Problem::new(
                Code::IdempotencyMismatch,
                "this Idempotency-Key was sent with another request; choose a new key for each request",
            ));
        }
        let waiting = lock(&self.waiting);
        let fresh = waiting.answers.get(&sent.name).filter(|kept| kept.attempt == done.attempt);
        if let Some(kept) = fresh {
            done.answer = Some(kept.sealed.clone());
        }
        Ok(Some(done))
    }

    fn wait(&self, name: Name, kept: Kept) {
        let mut waiting = lock(&self.waiting);
        if waiting.bytes + kept.sealed.len() <= MAX_WAITING {
            waiting.bytes += kept.sealed.len();
            waiting.answers.insert(name, kept);
        }
    }

    /// How many bytes of answers wait to be stored.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.waiting).bytes
    }

    /// Stores the answers that wait: one write for each tenant that has some. To be called every few seconds and at the end.
    pub(crate) fn keep(&self, gate: &Gate) {
        let taken: Vec<(Name, Kept)> =
            lock(&self.waiting).answers.iter().map(|(name, kept)| (*name, kept.clone())).collect();
        for tenant in taken.chunk_by(|(one, _), (next, _)| one.0 == next.0) {
            for part in tenant.chunks(MAX_AT_ONCE) {
                let tenant = part[0].0.0;
                let kept = gate.file(tenant).map_err(Problem::from).and_then(|db| Ok(keep(&db, part)?));
                if let Err(error) = kept {
                    // Repeats of these will be told that they were done.
                    tracing::warn!(tenant.id = %tenant, code = error.code, "answers to requests are not kept");
                }
                let mut waiting = lock(&self.waiting);
                for (name, _) in part {
                    if let Some(kept) = waiting.answers.remove(name) {
                        waiting.bytes -= kept.sealed.len();
                    }
                }
            }
        }
    }
}

fn keep(db: &Database, answers: &[(Name, Kept)]) -> Result<(), WriteError> {
    db.write(EventDraft::system(SystemTask::AnswerKeep, db.log()), |tx| {
        for ((_, key), kept) in answers {
            if let Some(done) = tx.get::<Done>(key)?.filter(|done| done.attempt == kept.attempt) {
                tx.put(&Done { answer: Some(kept.sealed.clone()), ..done })?;
            }
        }
        tx.note("answers", answers.len().to_string());
        Ok(())
    })
}

fn stored(gate: &Gate, (tenant, key): Name) -> Result<Option<Done>, Problem> {
    Ok(gate.file(tenant)?.read()?.get::<Done>(&key)?)
}

/// Whether this try has done something.
fn is_done(gate: &Gate, sent: &Sent<'_>, attempt: [u8; 16]) -> Result<bool, Problem> {
    Ok(stored(gate, sent.name)?.is_some_and(|done| done.attempt == attempt))
}

/// A request with a key that runs.
#[derive(Debug)]
struct Running<'a> {
    repeats: &'a Repeats,
    name: Name,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        lock(&self.repeats.running).remove(&self.name);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
