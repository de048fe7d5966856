//! Files of a report's run for others than those who ask for them: put into a place of the tenant's own, or attached to a mail.

use access::RequestContext;
use jobs::{Failure, Job, Publish, Reason, Work};
use library::{
    connector::Connector,
    report::{Deposit, ReportRun},
};
use model::{Actor, AnyId, Id, Permission, noun, permission::ReportExport};
use reports::Form;
use sha2::{Digest as _, Sha256};
use store::{Read as _, blob::BlobDigest};

use crate::{
    extracting::not_put,
    problem::{Code, Problem},
    reporting::failure,
    services::Services,
};

/// A file of a run.
pub(crate) struct Written {
    pub(crate) form: Form,
    pub(crate) bytes: Vec<u8>,
}

impl Services {
    /// Does the job that puts files of a run into a place of the tenant's own, as whoever the run belongs to may take them.
    ///
    /// # Errors
    /// When the run or the place is gone, they may not take them any more, or the place does not take them.
    pub fn deposit_of(&self, work: &Work) -> Result<Publish, Failure> {
        let deposit: Deposit = serde_json::from_slice(&work.job.payload.0)
            .map_err(|_| Failure::new(Reason::BadInput, "the job holds no forms of files"))?;
        let view = || self.gate.file(work.tenant)?.read().map_err(Problem::from);
        let place = view().and_then(|view| Ok(view.get::<Connector>(&deposit.connector)?)).map_err(failure)?;
        let place = place.ok_or_else(|| Failure::new(Reason::Missing, "the connector is gone"))?.place;
        let actor = self.of_job(work.tenant, &work.job).map_err(failure)?;
        let run = work.job.about.and_then(|about| about.typed());
        let run = run.ok_or_else(|| Failure::new(Reason::Missing, "the run is gone"))?;
        let to = deposit.connector.erase();
        let (run, files) = self.files_of(&actor, &work.job, run, &deposit.forms, to).map_err(failure)?;
        let depot = self.depot(&work.tenant.to_string(), place)?;
        let day = crate::endpoints::moment(run.header.created).get(..10).unwrap_or_default().to_owned();
        for Written { form, bytes } in files {
            let name = format!("reports/{}/{day}_{}{}", run.report, run.header.id, form.suffix());
            depot.put(&name, &bytes, self.seconds()).map_err(|error| not_put(&error))?;
        }
        Ok(Box::new(|_| Ok(None)))
    }

    /// A run and its files as `actor` may take them, with the row of who took them: which files, by their SHA-256, and where they go.
    ///
    /// # Errors
    /// When the run is gone, or they may not take them.
    pub(crate) fn files_of(
        &self,
        actor: &Actor,
        job: &Job,
        run: Id<noun::ReportRun>,
        forms: &[String],
        to: AnyId,
    ) -> Result<(ReportRun, Vec<Written>), Problem> {
        let gone = || Problem::new(Code::NotFound, "the run is gone");
        let context = RequestContext { id: job.header.id.to_string(), ..RequestContext::default() };
        let run = self.gate.file(actor.tenant)?.read()?.get::<ReportRun>(&run)?.ok_or_else(gone)?;
        if !run.is_for(actor.id) {
            return Err(gone());
        }
        let realm = self.gate.realm(actor);
        for needs in &run.needs {
            if !self.gate.decide(actor, *needs, &realm, &context)?.allowed {
                return Err(Problem::new(Code::Denied, format!("the files need the permission {needs}")));
            }
        }
        let permit = self.gate.permit::<ReportExport>(actor, &run.header.subject(), &context)?;
        let findings = run.findings(permit.files().ok_or_else(gone)?)?;
        let fonts = self.fonts_for(&findings.spoken(), &findings.language);
        let mut files = Vec::new();
        for form in forms.iter().filter_map(|form| Form::find(form)) {
            let bytes = form.write(&findings, &fonts).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
            files.push(Written { form, bytes });
        }
        permit.write::<_, library::LibraryError>(|tx| {
            tx.note("form", forms.join(","));
            let digest =
                |file: &Written| format!("{}:{}", file.form.code(), BlobDigest(Sha256::digest(&file.bytes).into()));
            tx.note("sha256", files.iter().map(digest).collect::<Vec<_>>().join(","));
            tx.note("to", to.to_string());
            Ok(())
        })?;
        Ok((run, files))
    }

    /// Whether somebody may take the files of a run at all: where they may not, nothing is asked and no refusal is written down.
    ///
    /// # Errors
    /// When it cannot be found out.
    pub(crate) fn may_take(&self, actor: &Actor, run: &ReportRun) -> Result<bool, Problem> {
        let context = RequestContext::default();
        let subject = run.header.subject();
        Ok(self.gate.decide(actor, Permission::ReportExport, &subject, &context)?.allowed)
    }
}
