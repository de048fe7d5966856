//! A store and a collector over real TLS.

use std::{
    net::TcpListener,
    sync::mpsc::{Receiver, Sender, channel},
};

use api::{Certificate, CertificateSource};
use model::{Clock, Id, IdSource, ManualClock, SystemTask, Timestamp, noun::Tenant};
use rustls::ServerConnection;
use store::{EventDraft, Placement, StoreLimits, WriteError, vault::KeyFile};

use super::*;

const TENANT: Id<Tenant> = Id::from_bits(42);

/// A collector that takes one connection after another, says what it gets, and closes each when it has got so many rows.
struct Collector {
    address: String,
    rows: Receiver<String>,
    most: Sender<usize>,
}

impl Collector {
    fn start(certificate: &Arc<Certificate>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ((told, rows), (most, mosts)) = (channel(), channel());
        let tls = Arc::new(certificate.server(false).unwrap());
        thread::spawn(move || {
            for most in mosts {
                let (socket, _) = listener.accept().unwrap();
                let mut line = StreamOwned::new(ServerConnection::new(tls.clone()).unwrap(), socket);
                for row in (0..most).map_while(|_| frame(&mut line)) {
                    told.send(row).unwrap();
                }
            }
        });
        Collector { address: format!("localhost:{port}"), rows, most }
    }

    /// The ids of the next rows.
    fn next(&self, count: usize) -> Vec<String> {
        let next = || self.rows.recv_timeout(Duration::from_secs(60)).expect("a row comes");
        let id = |row: String| row.split_once(" id=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        (0..count).map(|_| id(next())).collect()
    }
}

/// Length, space, message.
fn frame(line: &mut impl io::Read) -> Option<String> {
    let mut length = 0;
    loop {
        let mut byte = [0];
        line.read_exact(&mut byte).ok()?;
        match byte[0] {
            b' ' => break,
            digit => length = length * 10 + usize::from(digit.checked_sub(b'0').unwrap()),
        }
    }
    let mut message = vec![0; length];
    line.read_exact(&mut message).ok()?;
    Some(String::from_utf8(message).unwrap())
}

struct Place {
    store: Arc<Store>,
    clock: Arc<ManualClock>,
    certificate: Arc<Certificate>,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Box::new(KeyFile::create(&folder.path().join("root.key")).unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_790_000_000_000)));
        let (data, ids) = (folder.path().join("data"), Arc::new(IdSource::fixed(7)));
        let store = Store::create(&data, key, StoreLimits::default(), clock.clone(), ids).unwrap();
        store.vault().create_tenant(TENANT).unwrap();
        let event = EventDraft::system(SystemTask::TenantCreate, TENANT.erase());
        let placement = Placement { tenant: TENANT, folder: None, begun: false };
        store.system().write::<(), WriteError>(event, |tx| tx.put(&placement)).unwrap();
        let source = CertificateSource::Own { names: vec!["localhost".into()], folder: folder.path().join("tls") };
        let certificate = Certificate::load(source, jiff::Timestamp::now()).unwrap();
        Place { store: Arc::new(store), clock, certificate, folder }
    }

    fn write(&self, database: &Database, rows: usize) {
        for _ in 0..rows {
            let event = EventDraft::system(SystemTask::Retention, database.log());
            database.write::<(), WriteError>(event, |_| Ok(())).unwrap();
        }
    }

    fn ids(&self, database: &Database) -> Vec<String> {
        let rows = database.read().unwrap().audit_rows(0, 10_000).unwrap();
        rows.into_iter().map(|(_, event)| event.unwrap().id.to_string()).collect()
    }

    fn forwarder(&self, collector: &Collector) -> Forwarder {
        let trust = Trust::Authorities(self.folder.path().join("tls/cert.pem"));
        Forwarder {
            store: Arc::downgrade(&self.store),
            collector: collector.address.clone(),
            tls: Arc::new(trust.config().unwrap()),
            host: "here".into(),
            tenants: true,
            positions: Positions::new(self.folder.path().join("forwarded")),
            rest: Duration::from_millis(100),
            behind: BTreeSet::new(),
            first: FirstPass::At(None),
        }
    }
}

#[test]
fn every_row_arrives_over_broken_connections_and_restarts() {
    let place = Place::new();
    let collector = Collector::start(&place.certificate);
    place.write(place.store.system(), 700);
    place.write(&place.store.tenant(TENANT).unwrap(), 5);
    let expected = |from: usize| {
        let system = place.ids(place.store.system()).split_off(from);
        [system, place.ids(&place.store.tenant(TENANT).unwrap())].concat()
    };

    // It hangs up in the middle: what it may have lost comes again.
    collector.most.send(300).unwrap();
    let mut forwarder = place.forwarder(&collector);
    assert!(forwarder.session().is_err());
    forwarder.take_back();
    let all = expected(0);
    assert_eq!(collector.next(300), all[..300]);
    collector.most.send(usize::MAX).unwrap();
    let running = thread::spawn(move || forwarder.session().map(|()| forwarder));
    assert_eq!(collector.next(all.len()), all, "once more from the last row that counts, to the end");

    // What comes later is sent when it comes, and only that.
    let (system, tenant) = (place.store.system(), place.store.tenant(TENANT).unwrap());
    place.write(system, 1);
    assert_eq!(collector.next(1), place.ids(system)[all.len() - place.ids(&tenant).len()..]);
    place.write(&tenant, 1);
    assert_eq!(collector.next(1), place.ids(&tenant)[5..]);
    drop(tenant);

    // After a restart it goes on where it was: nothing is noted before it is delivered.
    let noted = || std::fs::read_to_string(place.folder.path().join("forwarded").join(TENANT.erase().to_string())).ok();
    while noted().as_deref() != Some("6") {
        thread::sleep(Duration::from_millis(20));
    }
    let Place { store, clock, certificate, folder } = place;
    drop(store);
    assert!(running.join().unwrap().is_ok(), "it ends with the store");
    let place = Place { store: reopened(folder.path()), clock, certificate, folder };
    place.write(&place.store.tenant(TENANT).unwrap(), 1);
    collector.most.send(usize::MAX).unwrap();
    let mut forwarder = place.forwarder(&collector);
    let running = thread::spawn(move || forwarder.session());
    assert_eq!(collector.next(1), place.ids(&place.store.tenant(TENANT).unwrap())[6..]);
    drop(place);
    running.join().unwrap().unwrap();
}

fn reopened(folder: &std::path::Path) -> Arc<Store> {
    let key = Box::new(KeyFile::open(&folder.join("root.key")).unwrap());
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_790_000_001_000)));
    let ids = Arc::new(IdSource::fixed(8));
    Arc::new(Store::open(&folder.join("data"), key, StoreLimits::default(), clock, ids).unwrap())
}

#[test]
fn rows_of_files_that_are_closed_already_are_sent_too() {
    let place = Place::new();
    let collector = Collector::start(&place.certificate);
    assert_eq!(place.store.logs(), [], "from here on it is remembered what is closed");
    place.write(&place.store.tenant(TENANT).unwrap(), 3);
    let ids = place.ids(&place.store.tenant(TENANT).unwrap());
    place.clock.set(place.clock.now().after(Duration::from_secs(3_600)));
    place.store.close_idle();
    assert_eq!(place.store.open_files(), 0);
    let mut forwarder = Forwarder { first: FirstPass::Over, ..place.forwarder(&collector) };
    // The appliance's own row of the tenant and of its file come first.
    let system = place.ids(place.store.system());
    for rows in [system.len() + 2, 3] {
        // The second connection sends what the first may have lost, though the store tells of it once.
        collector.most.send(rows).unwrap();
    }
    assert!(forwarder.session().is_err());
    forwarder.take_back();
    let running = thread::spawn(move || forwarder.session());
    assert_eq!(collector.next(system.len() + 2), [system.clone(), ids[..2].to_vec()].concat());
    assert_eq!(collector.next(3), [system, ids].concat()[..3]);
    drop(place);
    let _ = running.join().unwrap();
}

#[test]
fn a_collector_that_nobody_vouches_for_gets_nothing() {
    let place = Place::new();
    let source = CertificateSource::Own { names: vec!["localhost".into()], folder: place.folder.path().join("other") };
    let collector = Collector::start(&Certificate::load(source, jiff::Timestamp::now()).unwrap());
    collector.most.send(1).unwrap();
    let error = place.forwarder(&collector).session().unwrap_err();
    assert!(error.to_string().contains(&collector.address), "{error}");
    drop(collector.most);
    assert!(collector.rows.recv().is_err(), "not a row");
}
