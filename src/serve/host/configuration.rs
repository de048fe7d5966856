//! The settings as operators see them.

use api::host::{Configuration, Setting, SettingSource};

use super::Program;
use crate::serve::settings::Source;

pub(super) fn configuration(program: &Program) -> Configuration {
    let settings = &program.settings;
    let (stale, fault) = match program.place.settings() {
        Ok(now) => (settings.says_else(&now), None),
        Err(failure) => (false, Some(failure.to_string().replace('\n', "; "))),
    };
    let file = settings.file.as_ref().map(|file| file.display().to_string());
    Configuration { file, stale, fault, settings: settings.all().into_iter().map(told).collect() }
}

fn told(setting: crate::serve::Setting) -> Setting {
    let (source, variable) = match setting.source {
        Source::Default => (SettingSource::Default, None),
        Source::File => (SettingSource::File, None),
        Source::Environment(variable) => (SettingSource::Environment, Some(variable)),
        Source::Flag => (SettingSource::Flag, None),
    };
    let crate::serve::Setting { key, value, default, differs, meaning, .. } = setting;
    Setting { key, value, default, differs, source, variable, meaning }
}
