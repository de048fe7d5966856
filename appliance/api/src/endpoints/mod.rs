//! The table of endpoints, by noun.

mod alert_silences;
mod alerts;
mod api_keys;
mod appliance;
mod assignments;
mod audience;
mod audit;
mod audit_searches;
mod backups;
mod brand_kits;
mod choices;
mod comments;
mod connectors;
mod dashboards;
mod erasure;
mod exports;
mod folders;
mod frames;
mod glossaries;
mod groups;
mod imports;
mod invitations;
mod jobs;
mod keys;
mod layout;
mod making;
mod me;
mod members;
mod metrics;
mod notification_settings;
mod notifications;
mod odata;
mod operation;
mod operators;
mod otlp_metrics;
mod own_keys;
mod pairs;
mod password_rules;
mod people;
mod permission_outlook;
mod permissions;
mod playing;
mod policies;
mod projects;
mod prometheus;
mod query;
mod recordings;
mod report_runs;
mod report_schedules;
mod reports;
mod reviews;
mod roles;
mod search;
mod second_factor;
mod service_accounts;
mod session;
mod session_rules;
mod sessions;
mod setup;
mod sharing;
mod shown_dashboards;
mod storyboards;
mod table_exports;
mod tags;
mod tenant;
mod tenant_life;
mod tenants;
mod transcripts;
mod trash;
mod uploads;
mod usage;
mod videos;
mod view;
mod view_links;
mod visit;
mod webhooks;
mod workspaces;

pub(crate) use people::as_if_signed_in;
pub(crate) use query::{no_engine, problem as question_problem};
pub(crate) use session::{own_event, set_cookie};
pub(crate) use view::moment;

use crate::endpoint::Endpoint;

pub(crate) use jobs::JobView;

/// A job as callers see it, for the events that end with it.
pub(crate) fn job_view(job: ::jobs::Job) -> JobView {
    job.into()
}

/// Every endpoint of the appliance.
pub fn all() -> Vec<Endpoint> {
    [
        appliance::table(),
        metrics::table(),
        operation::table(),
        setup::table(),
        operators::table(),
        session::table(),
        sessions::table(),
        second_factor::table(),
        session_rules::table(),
        password_rules::table(),
        own_keys::table(),
        me::table(),
        workspaces::table(),
        members::table(),
        invitations::table(),
        groups::table(),
        roles::table(),
        assignments::table(),
        reviews::table(),
        permissions::table(),
        permission_outlook::table(),
        policies::table(),
        service_accounts::table(),
        api_keys::table(),
        audit::table(),
        audit_searches::table(),
        backups::table(),
        keys::table(),
        projects::table(),
        jobs::table(),
        transcripts::table(),
        storyboards::table(),
        layout::table(),
        playing::table(),
        exports::table(),
        frames::table(),
        videos::table(),
        recordings::table(),
        folders::table(),
        uploads::table(),
        imports::table(),
        tags::table(),
        search::table(),
        trash::table(),
        tenant::table(),
        erasure::table(),
        tenants::table(),
        tenant_life::table(),
        sharing::table(),
        view_links::table(),
        shown_dashboards::table(),
        comments::table(),
        glossaries::table(),
        brand_kits::table(),
        choices::table(),
        query::table(),
        dashboards::table(),
        reports::table(),
        report_runs::table(),
        report_schedules::table(),
        alerts::table(),
        alert_silences::table(),
        notification_settings::table(),
        notifications::table(),
        webhooks::table(),
        connectors::table(),
        table_exports::table(),
        usage::table(),
        otlp_metrics::table(),
        prometheus::table(),
        odata::table(),
    ]
    .concat()
}
