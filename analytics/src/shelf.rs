//! A tenant's shelf as the only object store of a session: it reads the files of one snapshot, and nothing else.

use std::{
    collections::BTreeMap,
    fmt,
    ops::Range,
    sync::{Arc, LazyLock},
};

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::{
    common::{DataFusionError, Result as EngineResult},
    execution::object_store::{ObjectStoreRegistry, ObjectStoreUrl},
};
use futures_util::{StreamExt as _, stream, stream::BoxStream};
use metering::{BlobDigest, Segment, Shelf};
use model::{Id, noun::Tenant};
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, path::Path,
};
use url::Url;

/// Where the files of the session's tenant are, whoever that is.
pub(crate) static PLACE: LazyLock<ObjectStoreUrl> =
    LazyLock::new(|| ObjectStoreUrl::parse("shelf://usage").expect("it is an address"));

/// The name of a tenant's file in plans.
pub(crate) fn file_name(tenant: Id<Tenant>, digest: &BlobDigest) -> String {
    format!("{tenant}/{digest}.parquet")
}

/// The files that a question may read.
#[derive(Debug)]
pub(crate) struct Files {
    shelf: Arc<dyn Shelf>,
    lengths: BTreeMap<String, (BlobDigest, u64)>,
}

impl Files {
    pub(crate) fn new(tenant: Id<Tenant>, shelf: Arc<dyn Shelf>, segments: &[Segment]) -> Self {
        let lengths =
            segments.iter().map(|segment| (file_name(tenant, &segment.digest), (segment.digest, segment.bytes)));
        Files { shelf, lengths: lengths.collect() }
    }

    fn find(&self, location: &Path) -> Result<(BlobDigest, u64)> {
        let known = self.lengths.get(location.as_ref());
        known.copied().ok_or_else(|| Error::NotFound { path: location.to_string(), source: "no such file".into() })
    }

    fn read(&self, digest: &BlobDigest, range: Range<u64>) -> Result<Bytes> {
        let bytes = self.shelf.read(digest, range);
        Ok(bytes.map_err(|error| Error::Generic { store: "shelf", source: error.into() })?.into())
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shelf")
    }
}

fn refused<T>(operation: &str) -> Result<T> {
    Err(Error::NotImplemented { operation: operation.to_owned(), implementer: "shelf".to_owned() })
}

#[async_trait]
impl ObjectStore for Files {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        refused("put")
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        refused("put")
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (digest, size) = self.find(location)?;
        let asked = match options.range {
            None => 0..size,
            Some(GetRange::Bounded(range)) => range,
            Some(GetRange::Offset(start)) => start..size,
            Some(GetRange::Suffix(length)) => size.saturating_sub(length)..size,
        };
        let range = asked.start.min(size)..asked.end.min(size).max(asked.start.min(size));
        let bytes = if options.head { Bytes::new() } else { self.read(&digest, range.clone())? };
        let location = location.clone();
        let meta = ObjectMeta { location, last_modified: Default::default(), size, e_tag: None, version: None };
        let payload = GetResultPayload::Stream(stream::once(async { Ok(bytes) }).boxed());
        Ok(GetResult { payload, meta, range, attributes: Attributes::default() })
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let (digest, size) = self.find(location)?;
        let read = |range: &Range<u64>| self.read(&digest, range.start.min(size)..range.end.min(size));
        ranges.iter().map(read).collect()
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        stream::once(async { refused("delete") }).boxed()
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        stream::once(async { refused("list") }).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        refused("list")
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        refused("copy")
    }
}

/// Knows one store: no file system, no network.
#[derive(Debug)]
pub(crate) struct OnlyShelf(pub(crate) Option<Arc<Files>>);

impl ObjectStoreRegistry for OnlyShelf {
    fn register_store(&self, _: &Url, _: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &Url) -> EngineResult<Arc<dyn ObjectStore>> {
        match &self.0 {
            Some(files) if url.as_str().trim_end_matches('/') == PLACE.as_str().trim_end_matches('/') => {
                Ok(files.clone())
            }
            _ => Err(DataFusionError::Plan("there is no such place".to_owned())),
        }
    }
}
