//! Someone who edits a storyboard together with others: a document of one's own, and a line to the appliance while there is one.

use std::{
    collections::{BTreeMap, VecDeque, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};
use yrs::{
    Any, Doc, Map as _, MapRef, Out, ReadTxn as _, StateVector, Transact as _, Update,
    encoding::{
        read::{Cursor, Read as _},
        write::Write as _,
    },
    updates::{decoder::Decode as _, encoder::Encode as _},
};

use crate::{Done, client::Target};

/// A line, and what is at its other end.
type Line = WebSocketStream<TlsStream<TcpStream>>;

/// A cell and what it is to hold; nothing where it is to go.
pub(crate) type Cell = (String, Option<Value>);

/// What somebody has heard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Changes: of whom, and up to which of their clocks.
    Changes(Vec<(u64, u32)>),
    /// The appliance has stored what was sent.
    Kept,
    /// The version that was asked for is made.
    Saved,
    /// Something else.
    Other,
    /// The line has ended, with this code where there is one.
    End(Option<u16>),
}

/// Someone who edits.
pub(crate) struct Editor {
    doc: Doc,
    map: MapRef,
    line: Option<Line>,
    /// Own clocks up to which changes were sent that are not acknowledged yet.
    sent: VecDeque<u32>,
    /// The own clock up to which the appliance has said that it has all.
    kept: u32,
    /// Whether the other end has what was changed here without a line.
    answered: bool,
    synced: bool,
}

impl Editor {
    /// Someone who has this already.
    pub(crate) fn new(whole: Option<&[u8]>) -> Done<Self> {
        let doc = Doc::new();
        let map = doc.get_or_insert_map("cells");
        if let Some(whole) = whole {
            doc.transact_mut().apply_update(Update::decode_v1(whole)?)?;
        }
        Ok(Editor { doc, map, line: None, sent: VecDeque::new(), kept: 0, answered: false, synced: false })
    }

    /// Asks to come in; false where there is no place just now, or nobody at home.
    pub(crate) async fn enter(&mut self, target: &Target, path: &str, cookie: &str) -> Done<bool> {
        self.leave();
        let Ok(stream) = target.stream(None).await else { return Ok(false) };
        let mut request = format!("wss://localhost{path}").into_client_request()?;
        request.headers_mut().insert("cookie", cookie.parse()?);
        request.headers_mut().insert("sec-fetch-site", "same-origin".parse()?);
        match client_async(request, stream).await {
            Ok((line, _)) => self.line = Some(line),
            Err(Error::Http(answer)) if ![429, 503].contains(&answer.status().as_u16()) => {
                return Err(format!("an editor is answered {}", answer.status()).into());
            }
            Err(_) => return Ok(false),
        }
        Ok(true)
    }

    /// Comes into the room of a storyboard and asks for what it lacks.
    pub(crate) async fn join(&mut self, target: &Target, path: &str, cookie: &str) -> Done<bool> {
        if !self.enter(target, path, cookie).await? {
            return Ok(false);
        }
        let state = self.doc.transact().state_vector().encode_v1();
        self.send(&[0, 0], &state).await;
        Ok(self.line.is_some())
    }

    /// Joins a relay, which knows nothing and passes on everything.
    pub(crate) async fn join_relay(&mut self, target: &Target) -> Done {
        if !self.enter(target, "/relay", "").await? {
            return Err("the relay lets nobody in".into());
        }
        (self.answered, self.synced) = (true, true);
        Ok(())
    }

    /// Goes without a word.
    pub(crate) fn leave(&mut self) {
        (self.line, self.answered, self.synced) = (None, false, false);
        self.sent.clear();
    }

    pub(crate) fn is_here(&self) -> bool {
        self.line.is_some()
    }

    /// Whether it has what the appliance has, and the appliance what it has.
    pub(crate) fn is_settled(&self) -> bool {
        self.synced && self.answered && self.sent.is_empty()
    }

    /// Changes cells here; the own clock after it, and what to [tell](Self::tell) the others.
    pub(crate) fn change(&mut self, cells: &[Cell]) -> (u32, Vec<u8>) {
        let update = {
            let mut tx = self.doc.transact_mut();
            for (key, value) in cells {
                match value {
                    Some(value) => drop(self.map.insert(&mut tx, key.clone(), value.to_string())),
                    None => drop(self.map.remove(&mut tx, key)),
                }
            }
            tx.encode_update_v1()
        };
        (self.clock(), update)
    }

    /// Tells of a change where there is a line; where there is none, the appliance will ask for it.
    pub(crate) async fn tell(&mut self, (clock, update): (u32, Vec<u8>)) {
        if self.answered && self.line.is_some() {
            self.sent.push_back(clock);
            self.send(&[0, 2], &update).await;
        }
    }

    /// Wants a version to be made.
    pub(crate) async fn save(&mut self) {
        self.send(&[100], br#"{"kind":"save"}"#).await;
    }

    /// Says where its pointer is.
    pub(crate) async fn point(&mut self, count: u32, [x, y]: [usize; 2]) {
        let mut inner = Vec::new();
        inner.write_var(1_u32);
        inner.write_var(self.id());
        inner.write_var(count);
        inner.write_string(&format!(r#"{{"scene":"s1","pointer":[{x},{y}]}}"#));
        self.send(&[1], &inner).await;
    }

    pub(crate) fn id(&self) -> u64 {
        self.doc.client_id().get()
    }

    fn clock(&self) -> u32 {
        self.doc.transact().state_vector().get(&self.doc.client_id())
    }

    /// All of the document as one update.
    pub(crate) fn whole(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    pub(crate) fn cells(&self) -> BTreeMap<String, String> {
        let tx = self.doc.transact();
        let text = |value| if let Out::Any(Any::String(text)) = value { text.to_string() } else { String::new() };
        self.map.iter(&tx).map(|(key, value)| (key.to_owned(), text(value))).collect()
    }

    /// The same for all who have the same cells.
    pub(crate) fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.cells().hash(&mut hasher);
        hasher.finish()
    }

    async fn send(&mut self, kind: &[u8], bytes: &[u8]) {
        let mut message = kind.to_vec();
        message.write_buf(bytes);
        if let Some(line) = &mut self.line
            && line.send(Message::Binary(message.into())).await.is_err()
        {
            self.leave();
        }
    }

    /// Hears one message. May be called off.
    pub(crate) async fn hear(&mut self) -> Done<Heard> {
        let Some(line) = &mut self.line else { return Ok(Heard::End(None)) };
        let end = match line.next().await {
            Some(Ok(Message::Binary(bytes))) => return self.heard(&bytes).await,
            Some(Ok(Message::Close(frame))) => frame.map(|frame| frame.code.into()),
            Some(Ok(_)) => return Ok(Heard::Other),
            Some(Err(_)) | None => None,
        };
        self.leave();
        Ok(Heard::End(end))
    }

    async fn heard(&mut self, bytes: &[u8]) -> Done<Heard> {
        let mut reader = Cursor::new(bytes);
        match reader.read_var::<u64>()? {
            0 => {
                let kind = reader.read_var::<u64>()?;
                let bytes = reader.read_buf()?;
                if kind == 0 {
                    return self.answer(&StateVector::decode_v1(bytes)?).await;
                }
                let update = Update::decode_v1(bytes)?;
                let brought = update.insertions(true);
                let mut news = Vec::new();
                for (client, ranges) in brought.iter() {
                    news.extend(ranges.iter().map(|range| range.end).max().map(|end| (client.get(), end)));
                }
                self.doc.transact_mut().apply_update(update)?;
                self.synced |= kind == 1;
                Ok(Heard::Changes(news))
            }
            100 => {
                let told: Value = serde_json::from_slice(reader.read_buf()?)?;
                match told["kind"].as_str() {
                    Some("kept") => {
                        for _ in 0..told["updates"].as_u64().unwrap_or(0) {
                            self.kept = self.sent.pop_front().unwrap_or(self.kept);
                        }
                        Ok(Heard::Kept)
                    }
                    Some("saved") if told["asked"] == true => Ok(Heard::Saved),
                    Some("refused") => Err(format!("an edit is refused: {}", told["reason"]).into()),
                    _ => Ok(Heard::Other),
                }
            }
            _ => Ok(Heard::Other),
        }
    }

    /// Sends the appliance what it lacks. What it has said to have stored it must not lack.
    async fn answer(&mut self, theirs: &StateVector) -> Done<Heard> {
        let there = theirs.get(&self.doc.client_id());
        if there < self.kept {
            return Err(format!("acknowledged and lost: {} of {} clocks are there", there, self.kept).into());
        }
        let missing = self.doc.transact().encode_state_as_update_v1(theirs);
        self.sent.push_back(self.clock());
        self.answered = true;
        self.send(&[0, 1], &missing).await;
        Ok(Heard::Other)
    }
}
