//! Recordings on their way in.
//!
//! After the IETF's draft of resumable uploads for HTTP, as far as a page in a browser needs it: begin with the facts as JSON, send
//! parts of at most 8 MiB with `PATCH` and `Upload-Offset`, and after a broken connection ask with `GET` where to go on. The part
//! with the last byte makes the recording.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use library::{
    project::Project,
    upload::{self, MAX_PART, NewUpload, Upload},
};
use model::permission::AssetUpload;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::view::{moment, parse_id};
use crate::{
    endpoint::{Bytes, Call, Empty, Endpoint, delete, get, patch, post},
    guard::On,
    problem::{Code, Problem},
    reply::{Json, Nothing, Reply},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<On<AssetUpload, Project>>(
            "/v1/projects/{project}/uploads",
            "begin_upload",
            "Begin to upload a recording into a project",
        )
        .takes::<NewUploadBody>()
        .creates()
        .by(begin),
        get::<On<AssetUpload, Upload>>("/v1/uploads/{upload}", "read_upload", "How far an upload of yours came")
            .by(read),
        patch::<On<AssetUpload, Upload>>(
            "/v1/uploads/{upload}",
            "append_upload",
            "Send the next bytes, at most 8 MiB at a time; the last ones make the recording",
        )
        .takes::<Bytes>()
        .by(append),
        delete::<On<AssetUpload, Upload>>("/v1/uploads/{upload}", "cancel_upload", "Give an upload up")
            .silently()
            .by(cancel),
    ]
}

/// What is to come.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewUpload")]
#[serde(deny_unknown_fields)]
struct NewUploadBody {
    /// What the file is called.
    #[schemars(length(min = 1, max = 255))]
    file_name: String,
    /// Its media type: `audio/…` or `video/…`.
    #[schemars(length(min = 1, max = 200))]
    media_type: String,
    /// How many bytes it has.
    #[schemars(range(min = 1))]
    size: u64,
    /// Its SHA-256 in 64 hexadecimal digits, where the sender knows it: what arrives damaged is refused.
    #[serde(default)]
    #[schemars(length(min = 64, max = 64))]
    sha256: Option<String>,
    /// What the recording will be called; as the file, without a word.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    /// The tags of the recording.
    #[serde(default)]
    #[schemars(length(max = 32))]
    tags: Vec<String>,
    /// The folder of the project into which the recording comes; none without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    folder: Option<String>,
}

/// An upload.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Upload")]
struct UploadView {
    /// Its id.
    id: String,
    /// The project into which the recording comes.
    project: Option<String>,
    /// What the recording will be called.
    title: String,
    /// What the file is called.
    file_name: String,
    /// Its media type.
    media_type: String,
    /// How many bytes are to come in all.
    size: u64,
    /// How many bytes are safe here: where to go on. Also in the header `Upload-Offset`.
    offset: u64,
    /// The most bytes of one part.
    part_bytes: usize,
    /// When it is given up, unless more bytes come (RFC 3339).
    expires: String,
    /// The recording that it has become; absent before the last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<String>,
}

/// An answer that tells in its headers how far the upload came.
#[derive(Debug)]
struct Progress(Upload);

impl Reply for Progress {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Json::<UploadView>::schema(generator)
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let Progress(upload) = self;
        let (offset, size) = (upload.offset, upload.size);
        let view = UploadView {
            id: upload.header.id.to_string(),
            project: upload.header.project.map(|project| project.to_string()),
            title: upload.title,
            file_name: upload.file_name,
            media_type: upload.media_type,
            size,
            offset,
            part_bytes: MAX_PART,
            expires: moment(upload.expires),
            recording: upload.recording.map(|recording| recording.to_string()),
        };
        let mut response = Json(view).response(status)?;
        for (name, value) in [("upload-offset", offset), ("upload-length", size)] {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
        Ok(response)
    }
}

fn begin(call: Call<'_, On<AssetUpload, Project>, Empty, NewUploadBody>) -> Result<Progress, Problem> {
    let NewUploadBody { file_name, media_type, size, sha256, title, tags, folder } = call.body;
    let digest = sha256.map(|text| text.to_ascii_lowercase().parse()).transpose();
    let digest = digest.map_err(|error: store::blob::ParseDigestError| Problem::at("/sha256", error.to_string()))?;
    let folder = folder.map(|folder| parse_id("/folder", &folder)).transpose()?;
    let limits = call.services.limits(call.pass.tenant())?;
    let new = NewUpload { title, tags, file_name, media_type, size, digest, folder };
    Ok(Progress(upload::begin(call.pass, &limits, &new)?))
}

fn read(call: Call<'_, On<AssetUpload, Upload>, Empty, Empty>) -> Result<Progress, Problem> {
    Ok(Progress(upload::read(&call.pass)?))
}

fn append(call: Call<'_, On<AssetUpload, Upload>, Empty, Bytes>) -> Result<Progress, Problem> {
    let offset = call.request.header("upload-offset").and_then(|text| text.trim().parse().ok()).ok_or_else(|| {
        Problem::new(
            Code::BadRequest,
            "say in the header Upload-Offset where the bytes begin; `GET` tells where to go on",
        )
    })?;
    Ok(Progress(upload::append(call.pass, offset, &call.request.body)?))
}

fn cancel(call: Call<'_, On<AssetUpload, Upload>, Empty, Empty>) -> Result<Nothing, Problem> {
    upload::cancel(call.pass)?;
    Ok(Nothing)
}
