//! The least that a Rust server of this kind can do: axum and rustls, one handler, the same bytes for everyone; and a [relay](crate::relay).

use std::{net::TcpListener, path::PathBuf, sync::Arc};

use axum::{body::Body, http::header, response::Response, routing::get};
use axum_server::tls_rustls::RustlsConfig;
use clap::Args;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::Done;

/// The bare handler: started by `throughput`
#[derive(Debug, Args)]
pub(crate) struct Peer {
    /// A folder with `cert.pem` and `key.pem`
    #[arg(long)]
    tls: PathBuf,
    /// The bytes to answer
    #[arg(long)]
    answer: PathBuf,
    /// Where to write the address
    #[arg(long)]
    address: PathBuf,
}

impl Peer {
    pub(crate) fn run(self) -> Done {
        let chain = CertificateDer::pem_file_iter(self.tls.join("cert.pem"))?.collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_file(self.tls.join("key.pem"))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let bytes: &'static [u8] = std::fs::read(&self.answer)?.leak();
        let handler = async move || {
            Response::builder()
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(bytes))
                .unwrap_or_default()
        };
        // As the appliance makes it.
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            std::fs::write(&self.address, listener.local_addr()?.to_string())?;
            let app = crate::relay::router().route("/{*any}", get(handler));
            let server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(Arc::new(config)))?;
            Ok(server.serve(app.into_make_service()).await?)
        })
    }
}
