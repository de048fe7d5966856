//! The control socket: the same table of endpoints for whoever is at the machine itself, as the server's own user or root.
//!
//! They hold the data folder and the key already, so there is nothing to prove: the caller is the local break-glass operator. With
//! a tenant named they act there with the rights of an owner, and every row says so in that tenant's own audit log.

use std::{io, net::SocketAddr, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc, time::Duration};

use axum::{Extension, Router, extract::ConnectInfo, serve::Listener};
use model::{
    Actor, ActorKind, AnyId, Assurance, Classification, Grant, Id, Level, Origin, PermissionSet, Region, Scope, noun,
};
use tokio::net::{UnixListener, UnixStream, unix};

use crate::{
    endpoints,
    problem::{Code, Problem},
    request::Request,
    router::router,
    services::Services,
};

/// The header in which the console names, by its short name, the tenant it acts in. Means nothing anywhere else.
pub const TENANT: &str = "audiagram-tenant";

/// Marks a request from the console. It is put in here, and cannot be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console;

/// The router for the console.
pub fn console(services: &Arc<Services>) -> Router {
    let from: ConnectInfo<SocketAddr> = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 0)));
    router(services, endpoints::all()).layer(Extension(from)).layer(Extension(Console))
}

/// Makes the socket at `path`, for the user who runs this process only. One that an earlier run left is replaced: the caller must
/// hold the data folder.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // The folder is ours alone, so nobody gets in between the two calls.
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves the console on `listener` until `stop` is done.
pub async fn serve_console(
    services: Arc<Services>,
    listener: UnixListener,
    own_user: u32,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(Doors { listener, own_user }, console(&services)).with_graceful_shutdown(stop).await
}

/// A listener that lets in the server's own user and root.
#[derive(Debug)]
struct Doors {
    listener: UnixListener,
    own_user: u32,
}

impl Listener for Doors {
    type Io = UnixStream;
    type Addr = unix::SocketAddr;

    async fn accept(&mut self) -> (UnixStream, unix::SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => match stream.peer_cred() {
                    Ok(peer) if peer.uid() == self.own_user || peer.uid() == 0 => return (stream, address),
                    Ok(peer) => tracing::warn!(user = peer.uid(), "turned away at the control socket"),
                    Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "nobody at the socket"),
                },
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the control socket does not accept");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<unix::SocketAddr> {
        self.listener.local_addr()
    }
}

/// Who the console is for `request`.
pub(crate) fn caller(services: &Services, request: &Request) -> Result<Actor, Problem> {
    let Some(slug) = request.header(TENANT) else { return Ok(operator(services)) };
    // A suspended tenant can be looked after, too: that is what the console is for.
    let found = tenancy::by_slug(&services.store.system().read()?, slug)?;
    let tenant = found.ok_or_else(|| Problem::new(Code::NotFound, "there is no tenant of this short name"))?;
    Ok(in_tenant(services, tenant.id, tenant.home))
}

/// Who the console is in a tenant, for what it has asked for and what is done later too.
pub(crate) fn in_tenant(services: &Services, tenant: Id<noun::Tenant>, home: Region) -> Actor {
    actor(services, ActorKind::User, tenant, home, Level::Owner.permissions())
}

/// The id that the console has wherever it acts.
pub(crate) fn own_id() -> AnyId {
    Id::<noun::Appliance>::from_bits(0).erase()
}

fn operator(services: &Services) -> Actor {
    actor(services, ActorKind::Operator, identity::Realm::SYSTEM, services.region, PermissionSet::APPLIANCE)
}

fn actor(
    services: &Services,
    kind: ActorKind,
    tenant: Id<noun::Tenant>,
    home: Region,
    permissions: PermissionSet,
) -> Actor {
    Actor {
        tenant,
        home,
        kind,
        id: own_id(),
        origin: Origin::Console,
        grants: vec![Grant { scope: Scope::Tenant, permissions, expires: None }],
        ceiling: permissions,
        clearance: Classification::Restricted,
        // Whoever is here could read the key from the disk.
        assurance: Assurance { level: 3, second_factor: Some(services.store.clock().now()) },
        suspended: false,
        address: None,
    }
}
