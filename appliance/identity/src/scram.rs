//! SCRAM-SHA-256 (RFC 5802, RFC 7677) for API keys: a program proves that it has a key's text without sending it.
//!
//! What is stored of a key for this can check a proof and cannot make one. Keys are 256 random bits, so the salt need not be secret or
//! random, only another for each key: it follows from the name that was typed, and a name that nobody has looks like any other.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::{AnyId, Id, Outcome, SystemTask, noun};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Database, EventDraft, Read, ReadError, Record, WriteError};
use subtle::ConstantTimeEq as _;

use crate::{
    api_key::ApiKey,
    key_text::KeyText,
    people::number,
    realm::Realm,
    secret::{Digest, random, stored_only},
};

/// How often the hash is made: the least that RFC 7677 lets clients take. The secret is random and long, so more adds nothing.
const ITERATIONS: u32 = 4_096;
/// The longest message of a client, in bytes.
const LONGEST: usize = 2_048;

/// What is stored of a key so that a proof can be checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Verifier {
    key: Id<noun::ApiKey>,
    /// The hash of the key that proofs are made with.
    stored: Check,
    /// What the answer to a good proof is signed with.
    server: Check,
}

/// Bytes that are stored and never shown.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
struct Check(#[serde(serialize_with = "stored_only")] [u8; 32]);

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Check(..)")
    }
}

impl Record for Verifier {
    const NAME: &'static str = "verifier of an api key";
    const NUMBER: u8 = number::VERIFIER;
    type Key = Id<noun::ApiKey>;
    fn key(&self) -> Self::Key {
        self.key
    }
}

impl Verifier {
    /// What is to be stored of a key.
    pub(crate) fn of(text: &KeyText) -> Self {
        let id = text.id();
        let salted = salted(text.reveal().expose().as_bytes(), &salt(&id.to_string()));
        let stored = Sha256::digest(mac(&salted, b"Client Key")).into();
        Verifier { key: id, stored: Check(stored), server: Check(mac(&salted, b"Server Key")) }
    }

    #[cfg(test)]
    pub(crate) fn fixed(key: Id<noun::ApiKey>, byte: u8) -> Self {
        Verifier { key, stored: Check([byte; 32]), server: Check([byte + 1; 32]) }
    }
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is one");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// `Hi` of RFC 5802.
fn salted(password: &[u8], salt: &[u8]) -> [u8; 32] {
    let keyed = Hmac::<Sha256>::new_from_slice(password).expect("a key of any length is one");
    let next = |message: &[&[u8]]| -> [u8; 32] {
        let mut mac = keyed.clone();
        message.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let mut last = next(&[salt, &1_u32.to_be_bytes()]);
    let mut all = last;
    for _ in 1..ITERATIONS {
        last = next(&[&last]);
        all.iter_mut().zip(last).for_each(|(all, last)| *all ^= last);
    }
    all
}

fn salt(name: &str) -> [u8; 16] {
    let digest = Sha256::new().chain_update(b"audiagram scram salt\0").chain_update(name).finalize();
    *digest.first_chunk().expect("16 of 32 bytes")
}

/// Why a proof is none.
#[derive(Debug, thiserror::Error)]
pub enum ScramError {
    /// The messages are not as they should be.
    #[error("the messages of SCRAM-SHA-256 are not well formed: {0}")]
    Form(&'static str),
    /// The name or the key: which, is not said. The audit log knows.
    #[error("the user name (an API key's id) or the password (the key) is wrong")]
    Refused,
    /// The store.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The audit row.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// An API key whose text was proven to be known.
#[derive(Debug, Clone)]
pub struct ProvenKey {
    pub(crate) tenant: Id<noun::Tenant>,
    pub(crate) id: Id<noun::ApiKey>,
    pub(crate) digest: Digest,
    owner: AnyId,
}

impl ProvenKey {
    /// The key.
    pub fn id(&self) -> Id<noun::ApiKey> {
        self.id
    }
}

/// One sign-in, from the name to the proof.
#[derive(Debug)]
pub struct Exchange {
    salt: [u8; 16],
    verifier: Verifier,
    /// Nothing for names that nobody has.
    key: Option<ProvenKey>,
    /// The text that both sides have seen, up to what the client sends last.
    said: String,
    header: String,
    nonce: String,
}

impl Exchange {
    /// Begins for the API key with the id `user`. A name that nobody has, or a key that was made before there were verifiers, gets as
    /// far as any other and is refused at the end.
    ///
    /// # Errors
    /// When the key cannot be read.
    pub fn begin(read: &impl Read, realm: &Realm, user: &str) -> Result<Self, ScramError> {
        let id = user.parse::<Id<noun::ApiKey>>().ok();
        let name = id.map_or_else(|| user.to_owned(), |id| id.to_string());
        let nobody = || Verifier { key: Id::from_bits(0), stored: Check(*random()), server: Check(*random()) };
        let (mut verifier, mut key) = (nobody(), None);
        if let Some(id) = id
            && let Some(found) = read.get::<Verifier>(&id)?
            && let Some(record) = read.get::<ApiKey>(&id)?
        {
            verifier = found;
            let (digest, owner) = (record.digest, record.header.owner);
            key = Some(ProvenKey { tenant: realm.tenant, id, digest, owner });
        }
        Ok(Exchange {
            salt: salt(&name),
            verifier,
            key,
            said: String::new(),
            header: String::new(),
            nonce: String::new(),
        })
    }

    /// Answers what the client says first.
    ///
    /// # Errors
    /// When it is not well formed, or wants what is not offered.
    pub fn first(&mut self, message: &[u8]) -> Result<String, ScramError> {
        let text = text(message)?;
        let form = ScramError::Form;
        let mut parts = text.splitn(3, ',');
        let (flag, authzid) = (parts.next().unwrap_or_default(), parts.next().ok_or(form("no header"))?);
        let bare = parts.next().ok_or(form("no name"))?;
        // `y` says that the client could bind and believes that we cannot, which is so.
        if !matches!(flag, "n" | "y") {
            return Err(form("channel binding is not offered"));
        }
        if !authzid.is_empty() {
            return Err(form("nobody signs in for another"));
        }
        let mut fields = bare.split(',');
        fields.next().filter(|name| name.starts_with("n=")).ok_or(form("no name"))?;
        let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or(form("no nonce"))?;
        if nonce.is_empty() || !nonce.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
            return Err(form("no nonce"));
        }
        self.nonce = format!("{nonce}{}", STANDARD.encode(*random::<18>()));
        let first = format!("r={},s={},i={ITERATIONS}", self.nonce, STANDARD.encode(self.salt));
        self.header = format!("{flag},{authzid},");
        self.said = format!("{bare},{first}");
        Ok(first)
    }

    /// Judges what the client says last: what it is answered, and the key. To be told to [`record`] in either case.
    ///
    /// # Errors
    /// When it is no proof; with the key that it was to prove, where there is such a key.
    pub fn last(self, message: &[u8]) -> Result<(String, ProvenKey), (ScramError, Option<ProvenKey>)> {
        let form = |what| (ScramError::Form(what), None);
        let text = text(message).map_err(|error| (error, None))?;
        let (rest, proof) = text.rsplit_once(",p=").ok_or(form("no proof"))?;
        let mut fields = rest.split(',');
        let header = fields.next().and_then(|field| field.strip_prefix("c=")).ok_or(form("no header"))?;
        if STANDARD.decode(header).ok().as_deref() != Some(self.header.as_bytes()) {
            return Err(form("another header than before"));
        }
        if fields.next().and_then(|field| field.strip_prefix("r=")) != Some(self.nonce.as_str()) {
            return Err(form("another nonce than before"));
        }
        let proof = STANDARD.decode(proof).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let mut client = proof.ok_or(form("no proof"))?;
        let said = format!("{},{rest}", self.said);
        let signature = mac(&self.verifier.stored.0, said.as_bytes());
        client.iter_mut().zip(signature).for_each(|(client, signed)| *client ^= signed);
        let shown: [u8; 32] = Sha256::digest(client).into();
        let is_right: bool = shown.ct_eq(&self.verifier.stored.0).into();
        match self.key {
            Some(key) if is_right => {
                let signed = STANDARD.encode(mac(&self.verifier.server.0, said.as_bytes()));
                Ok((format!("v={signed}"), key))
            }
            key => Err((ScramError::Refused, key)),
        }
    }
}

fn text(message: &[u8]) -> Result<&str, ScramError> {
    if message.len() > LONGEST {
        return Err(ScramError::Form("too long"));
    }
    std::str::from_utf8(message).map_err(|_| ScramError::Form("no text"))
}

/// Writes down that a key signed in at the door `door`, or why not.
///
/// # Errors
/// When the row cannot be written: nobody may come in then.
pub fn record(
    db: &Database,
    key: &ProvenKey,
    door: &'static str,
    refused: Option<&'static str>,
    address: IpAddr,
) -> Result<(), ScramError> {
    let mut event = EventDraft::system(SystemTask::SignIn, key.id.erase());
    event.address = Some(address.to_canonical().to_string());
    event.credential = Some(key.id.erase());
    event.detail.push(("door", door.to_owned()));
    match refused {
        None => event.actor = Some(key.owner),
        Some(reason) => {
            event.outcome = Outcome::Denied;
            event.detail.push(("reason", reason.to_owned()));
        }
    }
    Ok(db.write::<(), WriteError>(event, |_| Ok(()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client's side, written apart from the server's.
    fn proof(password: &str, first: &str, server: &str) -> String {
        let field = |name: &str| server.split(',').find_map(|field| field.strip_prefix(name)).unwrap();
        let salted = salted(password.as_bytes(), &STANDARD.decode(field("s=")).unwrap());
        let client = mac(&salted, b"Client Key");
        let rest = format!("c=biws,r={}", field("r="));
        let said = format!("{},{server},{rest}", &first[3..]);
        let signature = mac(&Sha256::digest(client), said.as_bytes());
        let proof: Vec<u8> = client.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        format!("{rest},p={}", STANDARD.encode(proof))
    }

    fn exchange(key: &KeyText) -> Exchange {
        let digest = key.digest();
        let proven = ProvenKey { tenant: key.tenant(), id: key.id(), digest, owner: key.id().erase() };
        Exchange {
            salt: salt(&key.id().to_string()),
            verifier: Verifier::of(key),
            key: Some(proven),
            said: String::new(),
            header: String::new(),
            nonce: String::new(),
        }
    }

    /// RFC 7677, section 3.
    #[test]
    fn the_example_of_the_rfc() {
        let salted = salted(b"pencil", &STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap());
        let stored: [u8; 32] = Sha256::digest(mac(&salted, b"Client Key")).into();
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let exchange = Exchange {
            salt: [0; 16],
            verifier: Verifier {
                key: Id::from_bits(1),
                stored: Check(stored),
                server: Check(mac(&salted, b"Server Key")),
            },
            key: exchange(&KeyText::fresh(Id::from_bits(1), Id::from_bits(1))).key,
            said: format!("n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
            header: "n,,".to_owned(),
            nonce: nonce.to_owned(),
        };
        let last = format!("c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assert_eq!(exchange.last(last.as_bytes()).unwrap().0, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn who_knows_the_key_is_let_in_and_nobody_else() {
        let key = KeyText::fresh(Id::from_bits(9), Id::from_bits(5));
        let first = "n,,n=,r=abcdef";
        let text = key.reveal();
        let mut good = exchange(&key);
        let server = good.first(first.as_bytes()).unwrap();
        assert_eq!(good.last(proof(text.expose(), first, &server).as_bytes()).unwrap().1.id(), key.id());
        let other = KeyText::fresh(Id::from_bits(9), Id::from_bits(5)).reveal();
        let mut bad = exchange(&key);
        let server = bad.first(first.as_bytes()).unwrap();
        let (error, known) = bad.last(proof(other.expose(), first, &server).as_bytes()).unwrap_err();
        assert!(matches!(error, ScramError::Refused) && known.is_some());
        // A proof is good for one exchange only.
        let mut one = exchange(&key);
        let server = one.first(first.as_bytes()).unwrap();
        let heard = proof(text.expose(), first, &server);
        let mut again = exchange(&key);
        again.first(first.as_bytes()).unwrap();
        assert!(again.last(heard.as_bytes()).is_err());
    }

    #[test]
    fn what_is_stored_shows_nothing_and_makes_no_proof() {
        let key = KeyText::fresh(Id::from_bits(9), Id::from_bits(5));
        let verifier = Verifier::of(&key);
        assert!(serde_json::to_string(&verifier).is_err());
        assert!(format!("{verifier:?}").contains("Check(..)"));
        let stored = postcard::to_allocvec(&verifier).unwrap();
        let client = mac(&salted(key.reveal().expose().as_bytes(), &salt(&key.id().to_string())), b"Client Key");
        assert!(!stored.windows(32).any(|window| window == client));
    }

    #[test]
    fn messages_that_are_none() {
        let key = KeyText::fresh(Id::from_bits(9), Id::from_bits(5));
        for bad in [
            "",
            "n",
            "n,,",
            "n,,n=",
            "n,,r=abc",
            "p=tls-exporter,,n=,r=abc",
            "n,a=x,n=,r=abc",
            "n,,n=,r=",
            "n,,n=,r=a b",
        ] {
            assert!(exchange(&key).first(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(exchange(&key).first(&[b'a'; LONGEST + 1]).is_err());
        for bad in ["", "c=biws", "c=biws,r=x,p=", "c=eSws,r=,p=AAAA", "p=AAAA", "c=biws,r=,p=AAAA"] {
            let mut exchange = exchange(&key);
            exchange.first(b"n,,n=,r=abc").unwrap();
            assert!(exchange.last(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
