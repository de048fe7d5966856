//! `audiagram serve`: the appliance.

use std::{net::SocketAddr, sync::Arc};

use clap::Args;

use crate::{
    console::{self, Console},
    failure::{Failure, Kind},
    serve::{Appliance, Place, open_store, setup_code},
};

/// Run the appliance: many tenants behind one HTTPS address
#[derive(Debug, Args)]
#[command(after_help = "\
The first start makes the data folder, the appliance's key and a certificate. Keep a copy of the key
elsewhere: without it the data cannot be read.

Example:
  audiagram serve --data /srv/audiagram --listen 0.0.0.0:8443")]
pub(crate) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Address and port
    #[arg(long, env = "AUDIAGRAM_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let mut settings = self.place.settings()?;
        if let Some(address) = self.listen {
            settings.config.listen.address = address;
            settings.by_flag("listen.address");
        }
        let config = &settings.config;
        console::log_serving(&config.log.filter, config.log.json);
        let store = Arc::new(open_store(config).map_err(|error| Failure::of(Kind::Failed, &error))?);
        let code = setup_code(&store).map_err(|error| Failure::of(Kind::Failed, &error))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::of(Kind::Failed, &error))?;
        let served = runtime.block_on(async {
            let appliance = Appliance::start(&self.place, &settings, store)?;
            if let Some(code) = &code {
                console.info(format!(
                    "there is no operator yet: POST /v1/setup makes the first with this code, good for a day: {}",
                    code.expose()
                ));
            }
            if let Some(address) = appliance.wire {
                console.info(format!("serving postgresql://{address}"));
            }
            console.info(format!("serving https://{}", appliance.address));
            appliance.until_stopped().await
        });
        served.map_err(|error| Failure::of(Kind::Failed, &error))
    }
}
