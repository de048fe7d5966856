//! Someone who edits a storyboard together with others: a real WebSocket, and a Yjs document of its own.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};
use yrs::{
    Any, Doc, Map as _, MapRef, Out, ReadTxn as _, StateVector, Transact as _, Update,
    encoding::{read::Read as _, write::Write as _},
    updates::{decoder::Decode as _, encoder::Encode as _},
};

use super::world::Person;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Client {
    pub(super) line: Option<WebSocketStream<TcpStream>>,
    pub(super) doc: Doc,
    map: MapRef,
    /// What the appliance has told.
    pub(super) told: Vec<Value>,
    /// Where the others are.
    pub(super) others: BTreeMap<u64, Value>,
    /// Why the line was closed.
    pub(super) closed: Option<(u16, String)>,
    synced: bool,
}

impl Client {
    pub(super) fn new() -> Self {
        let doc = Doc::new();
        let map = doc.get_or_insert_map("cells");
        let (told, others) = (Vec::new(), BTreeMap::new());
        Client { line: None, doc, map, told, others, closed: None, synced: false }
    }

    /// Asks to come in; the status where the answer is no.
    pub(super) async fn enter(
        &mut self,
        at: SocketAddr,
        who: &Person,
        storyboard: &str,
        site: &str,
    ) -> Result<(), u16> {
        let mut request = format!("ws://{at}/v1/storyboards/{storyboard}/live").into_client_request().unwrap();
        request.headers_mut().insert("cookie", who.cookie.parse().unwrap());
        request.headers_mut().insert("sec-fetch-site", site.parse().unwrap());
        let stream = TcpStream::connect(at).await.unwrap();
        match client_async(request, stream).await {
            Ok((line, _)) => {
                (self.line, self.closed, self.synced) = (Some(line), None, false);
                Ok(())
            }
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Comes in and waits until it has what the appliance has.
    pub(super) async fn join(&mut self, at: SocketAddr, who: &Person, storyboard: &str) {
        self.enter(at, who, storyboard, "same-origin").await.unwrap();
        let state = self.doc.transact().state_vector().encode_v1();
        self.send(&[0, 0], &state).await;
        self.until(|client| client.synced).await;
    }

    /// Goes away without a word.
    pub(super) fn vanish(&mut self) {
        self.line = None;
    }

    /// Goes away as a page does.
    pub(super) async fn leave(&mut self) {
        if let Some(mut line) = self.line.take() {
            line.close(None).await.unwrap();
            while let Some(Ok(_)) = line.next().await {}
        }
    }

    pub(super) async fn send(&mut self, kind: &[u8], bytes: &[u8]) {
        let mut message = kind.to_vec();
        message.write_buf(bytes);
        let _ = self.line.as_mut().expect("it is in").send(Message::Binary(message.into())).await;
    }

    /// Sets a cell here, and tells of it where there is a line.
    pub(super) async fn set(&mut self, key: &str, value: &Value) {
        let update = self.change(key, Some(value));
        if self.line.is_some() {
            self.send(&[0, 2], &update).await;
        }
    }

    /// Changes a cell here; the update that says so.
    pub(super) fn change(&self, key: &str, value: Option<&Value>) -> Vec<u8> {
        let mut tx = self.doc.transact_mut();
        match value {
            Some(value) => drop(self.map.insert(&mut tx, key.to_owned(), value.to_string())),
            None => drop(self.map.remove(&mut tx, key)),
        }
        tx.encode_update_v1()
    }

    pub(super) async fn save(&mut self) -> u64 {
        let asked = self.told.len();
        self.send(&[100], br#"{"kind":"save"}"#).await;
        let answer = |told: &&Value| told["kind"] == "saved" && told["asked"] == true;
        self.until(|client| client.told[asked..].iter().any(|told| answer(&told))).await;
        self.told[asked..].iter().find(answer).unwrap()["version"].as_u64().unwrap()
    }

    /// Says where it is.
    pub(super) async fn be_at(&mut self, at: &str) {
        let mut inner = Vec::new();
        inner.write_var(1_u32);
        inner.write_var(self.doc.client_id().get());
        inner.write_var(1_u32);
        inner.write_string(&json!({ "at": at, "user": { "name": "Somebody else" } }).to_string());
        self.send(&[1], &inner).await;
    }

    pub(super) fn cells(&self) -> BTreeMap<String, String> {
        let tx = self.doc.transact();
        let text =
            |value| if let Out::Any(Any::String(text)) = value { text.to_string() } else { panic!("not a text") };
        self.map.iter(&tx).map(|(key, value)| (key.to_owned(), text(value))).collect()
    }

    pub(super) fn cell(&self, key: &str) -> Option<Value> {
        Some(serde_json::from_str(&self.cells().remove(key)?).unwrap())
    }

    /// Hears until this holds.
    pub(super) async fn until(&mut self, holds: impl Fn(&Client) -> bool) {
        while !holds(self) {
            assert!(self.hear().await, "the line ended: {:?}", self.closed);
        }
    }

    /// Hears until the line ends; why it did.
    pub(super) async fn until_closed(&mut self) -> (u16, String) {
        while self.hear().await {}
        self.closed.clone().expect("a reason")
    }

    /// Hears one message; false when the line has ended.
    pub(super) async fn hear(&mut self) -> bool {
        let Some(line) = &mut self.line else { return false };
        let message = tokio::time::timeout(PATIENCE, line.next()).await.expect("something comes");
        match message {
            Some(Ok(Message::Binary(bytes))) => self.heard(&bytes).await,
            Some(Ok(Message::Close(frame))) => {
                self.closed = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => {
                self.line = None;
                return false;
            }
        }
        true
    }

    async fn heard(&mut self, bytes: &[u8]) {
        let mut reader = yrs::encoding::read::Cursor::new(bytes);
        let number = |reader: &mut yrs::encoding::read::Cursor<'_>| reader.read_var::<u64>().unwrap();
        match number(&mut reader) {
            0 => {
                let kind = number(&mut reader);
                let bytes = reader.read_buf().unwrap().to_vec();
                if kind == 0 {
                    let theirs = StateVector::decode_v1(&bytes).unwrap();
                    let missing = self.doc.transact().encode_state_as_update_v1(&theirs);
                    return self.send(&[0, 1], &missing).await;
                }
                self.doc.transact_mut().apply_update(Update::decode_v1(&bytes).unwrap()).unwrap();
                self.synced |= kind == 1;
            }
            1 => {
                let inner = reader.read_buf().unwrap().to_vec();
                let mut inner = yrs::encoding::read::Cursor::new(&inner);
                for _ in 0..number(&mut inner) {
                    let (client, _) = (number(&mut inner), number(&mut inner));
                    let state = serde_json::from_str(inner.read_string().unwrap()).unwrap();
                    self.others.insert(client, state);
                }
            }
            100 => self.told.push(serde_json::from_slice(reader.read_buf().unwrap()).unwrap()),
            other => panic!("a message of kind {other}"),
        }
    }
}
