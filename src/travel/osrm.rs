//! Drives by an organization's own OSRM server, through its `table` service.
//!
//! Pairs that share a place are asked in blocks. A block that fails for a passing reason is asked
//! again a few times; after that the server is left alone for a while and the caller's fallback
//! steps in, so that a server that is down does not slow down every request.

pub mod addresses;
pub mod answers;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use ipnet::IpNet;
use reqwest::{Certificate, Client, StatusCode, redirect};

use crate::domain::networks::{self, PrivateAddress};
use crate::domain::travel::OsrmServer;
use crate::travel::cache::{PairKey, PlaceKey};
use crate::travel::errors::TravelError;
use crate::travel::legs::LegRaw;
use crate::travel::osrm::addresses::{Guard, check_host};
use crate::travel::osrm::answers::parse;

/// Largest answer read, in bytes; a block of 1,000 coordinates takes some 20,000.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// How OSRM servers are asked.
#[derive(Debug, Clone)]
pub struct OsrmSettings {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for an answer, connection included.
    pub timeout: Duration,
    /// How often a request is repeated after a passing failure.
    pub retries: u32,
    /// Most coordinates of one request; OSRM servers allow 100 unless they are told otherwise.
    pub coordinates_max: usize,
    /// Most requests of one question under way at once.
    pub parallel: usize,
    /// How long a server is left alone after it did not answer.
    pub rest: Duration,
    /// Private networks in which a server may stand; all others are refused.
    pub allowed_networks: Vec<IpNet>,
    /// Certificate authorities that are trusted besides those of the machine.
    pub roots: Roots,
}

/// Certificate authorities, for servers with certificates that a business issues itself.
#[derive(Debug, Clone, Default)]
pub struct Roots(Vec<Certificate>);

impl Roots {
    /// Reads PEM text with one certificate or more.
    ///
    /// # Errors
    /// If there is none in it, or one cannot be read.
    pub fn from_pem(text: &[u8]) -> Result<Self, String> {
        let found = Certificate::from_pem_bundle(text);
        let found = found.map_err(|error| format!("no certificate in PEM form: {error}"))?;
        if found.is_empty() {
            Err("there is no certificate in it".to_owned())
        } else {
            Ok(Self(found))
        }
    }
}

impl Default for OsrmSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(3),
            retries: 1,
            coordinates_max: 100,
            parallel: 4,
            rest: Duration::from_secs(15),
            allowed_networks: Vec::new(),
            roots: Roots::default(),
        }
    }
}

/// Asks OSRM servers.
#[derive(Debug)]
pub struct Osrm {
    settings: OsrmSettings,
    /// Made when first needed: most servers never ask.
    client: OnceLock<Result<Client, String>>,
    /// Servers that did not answer, and until when they are left alone.
    resting: Mutex<HashMap<String, Instant>>,
}

/// One request: a place and others, in one direction.
#[derive(Debug)]
struct Block {
    hub: PlaceKey,
    /// Whether the drives lead from the hub to the others, or from them to the hub.
    outward: bool,
    others: Vec<PlaceKey>,
}

/// A failure, and whether asking again may help.
#[derive(Debug)]
struct Failure {
    passing: bool,
    error: TravelError,
}

impl Osrm {
    /// Asks with these settings.
    pub fn new(settings: OsrmSettings) -> Self {
        Self { settings, client: OnceLock::new(), resting: Mutex::default() }
    }

    /// The drive of each pair; a place to itself is not asked for.
    ///
    /// # Errors
    /// [`TravelError::Osrm`] if one block could not be answered, [`TravelError::PrivateAddress`].
    pub async fn legs(
        &self,
        server: &OsrmServer,
        pairs: &[PairKey],
    ) -> Result<Vec<LegRaw>, TravelError> {
        let blocks = blocks(pairs, self.settings.coordinates_max.max(2) - 1);
        if !blocks.is_empty() {
            self.check_rest(&server.url)?;
        }
        let asked = iter(blocks).map(|block| self.block_repeatedly(server, block));
        let found: Result<Vec<Vec<(PairKey, LegRaw)>>, TravelError> =
            asked.buffer_unordered(self.settings.parallel.max(1)).try_collect().await;
        if let Err(TravelError::Osrm(_)) = found {
            self.let_rest(&server.url);
        }
        let found: HashMap<PairKey, LegRaw> = found?.into_iter().flatten().collect();
        let leg = |pair: &PairKey| {
            let here = if pair.0 == pair.1 { LegRaw::ZERO } else { LegRaw::UNREACHABLE };
            found.get(pair).copied().unwrap_or(here)
        };
        Ok(pairs.iter().map(leg).collect())
    }

    /// Refuses a private address; see [`Travel::check_server`](crate::travel::Travel::check_server).
    ///
    /// # Errors
    /// [`TravelError::PrivateAddress`].
    pub async fn check(&self, server: &OsrmServer) -> Result<(), TravelError> {
        let Ok(url) = server.url.parse::<url::Url>() else { return Ok(()) };
        let allowed = &self.settings.allowed_networks;
        check_host(&url, allowed)?;
        let Some(url::Host::Domain(name)) = url.host() else { return Ok(()) };
        let asked = tokio::net::lookup_host((name, 0));
        let found = tokio::time::timeout(self.settings.connect_timeout, asked).await;
        for address in found.into_iter().flatten().flatten() {
            networks::check(address.ip(), allowed).map_err(|PrivateAddress(address)| {
                TravelError::PrivateAddress { address: address.to_string() }
            })?;
        }
        Ok(())
    }

    async fn block_repeatedly(
        &self,
        server: &OsrmServer,
        block: Block,
    ) -> Result<Vec<(PairKey, LegRaw)>, TravelError> {
        let mut tries = 0;
        loop {
            match self.block(server, &block).await {
                Ok(legs) => return Ok(block.pairs().zip(legs).collect()),
                Err(failure) if failure.passing && tries < self.settings.retries => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(50) * tries).await;
                }
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// Asks for one block once.
    async fn block(&self, server: &OsrmServer, block: &Block) -> Result<Vec<LegRaw>, Failure> {
        let url = block.url(server).map_err(|error| Failure { passing: false, error })?;
        check_host(&url, &self.settings.allowed_networks)
            .map_err(|error| Failure { passing: false, error })?;
        let client = self.client().map_err(|error| Failure { passing: false, error })?;
        let mut answer = client.get(url).send().await.map_err(|error| from_reqwest(&error))?;
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Failure { passing: true, error: said(format!("status {status}")) });
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| from_reqwest(&error))? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                let error = said(format!("its answer has more than {ANSWER_BYTES_MAX} bytes"));
                return Err(Failure { passing: false, error });
            }
            body.extend_from_slice(&chunk);
        }
        parse(&body, block.others.len(), block.outward).map_err(|detail| {
            let error = said(format!("status {status}, {detail}"));
            Failure { passing: false, error }
        })
    }

    fn client(&self) -> Result<&Client, TravelError> {
        let client = self.client.get_or_init(|| {
            // Whoever was first has installed the same provider.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let allowed = self.settings.allowed_networks.clone();
            Client::builder()
                .connect_timeout(self.settings.connect_timeout)
                .timeout(self.settings.timeout)
                .redirect(redirect::Policy::none())
                .no_proxy()
                .user_agent(concat!("roundsman/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(Arc::new(Guard::new(allowed)))
                .tls_certs_merge(self.settings.roots.0.iter().cloned())
                .build()
                .map_err(|error| error.to_string())
        });
        client.as_ref().map_err(|error| said(format!("no client: {error}")))
    }

    /// Refuses to ask a server that did not answer a moment ago.
    ///
    /// # Errors
    /// [`TravelError::Osrm`].
    pub(super) fn check_rest(&self, url: &str) -> Result<(), TravelError> {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        match resting.get(url) {
            Some(until) if Instant::now() < *until => {
                Err(said("it did not answer a moment ago and is left alone for a while"))
            }
            _ => Ok(()),
        }
    }

    fn let_rest(&self, url: &str) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        resting.retain(|_, until| now < *until);
        // A server at rest keeps its end, or requests under way would prolong it for ever.
        resting.entry(url.to_owned()).or_insert(now + self.settings.rest);
    }
}

impl Block {
    fn pairs(&self) -> impl Iterator<Item = PairKey> + '_ {
        let pair = |other: &PlaceKey| {
            if self.outward { (self.hub, *other) } else { (*other, self.hub) }
        };
        self.others.iter().map(pair)
    }

    /// The address that asks for this block: the hub is coordinate 0.
    fn url(&self, server: &OsrmServer) -> Result<url::Url, TravelError> {
        let places = std::iter::once(&self.hub).chain(&self.others);
        let text = |place: &PlaceKey| {
            let (lat, lon) = place.degrees();
            format!("{lon:.6},{lat:.6}")
        };
        let coordinates = places.map(text).collect::<Vec<_>>().join(";");
        let numbers = (1..=self.others.len()).map(|number| number.to_string());
        let others = numbers.collect::<Vec<_>>().join(";");
        let (sources, destinations) =
            if self.outward { ("0", others.as_str()) } else { (others.as_str(), "0") };
        let (base, profile) = (server.url.trim_end_matches('/'), &server.profile);
        let address = format!(
            "{base}/table/v1/{profile}/{coordinates}?sources={sources}\
             &destinations={destinations}&annotations=duration,distance"
        );
        address.parse().map_err(|error| said(format!("its address is wrong: {error}")))
    }
}

/// Gathers pairs around the places that most of them share, `others_max` others a block.
///
/// Pairs are given to the direction in which their hub has more of them.
fn blocks(pairs: &[PairKey], others_max: usize) -> Vec<Block> {
    let (mut outward, mut inward) = (HashMap::new(), HashMap::new());
    for (from, to) in pairs {
        *outward.entry(*from).or_insert(0_usize) += 1;
        *inward.entry(*to).or_insert(0_usize) += 1;
    }
    let mut hubs: Vec<((PlaceKey, bool), Vec<PlaceKey>)> = Vec::new();
    let mut known: HashMap<(PlaceKey, bool), usize> = HashMap::new();
    for (from, to) in pairs.iter().filter(|(from, to)| from != to) {
        let is_outward = outward[from] >= inward[to];
        let (hub, other) = if is_outward { (*from, *to) } else { (*to, *from) };
        let at = *known.entry((hub, is_outward)).or_insert_with(|| {
            hubs.push(((hub, is_outward), Vec::new()));
            hubs.len() - 1
        });
        hubs[at].1.push(other);
    }
    let mut blocks = Vec::new();
    for ((hub, outward), others) in hubs {
        let parts = others.chunks(others_max);
        blocks.extend(parts.map(|part| Block { hub, outward, others: part.to_vec() }));
    }
    blocks
}

fn said(detail: impl Into<String>) -> TravelError {
    TravelError::Osrm(detail.into())
}

/// What went wrong on the way, without the address, which holds coordinates.
fn from_reqwest(error: &reqwest::Error) -> Failure {
    let refused = addresses::refused(error);
    if let Some(address) = refused {
        return Failure { passing: false, error: TravelError::PrivateAddress { address } };
    }
    let detail = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    Failure { passing: true, error: said(detail) }
}
