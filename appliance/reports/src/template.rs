//! Reports that come with the appliance, to begin one's own from.

use crate::Report;

/// A report that comes with the appliance.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    text: &'static str,
}

macro_rules! templates {
    ($($name:literal)*) => {
        &[$(Template { name: $name, text: include_str!(concat!("../../../assets/reports/templates/", $name, ".json")) },)*]
    };
}

/// All of them, in the order of lists.
pub const TEMPLATES: &[Template] =
    templates!["usage" "cost" "chargeback" "adoption" "service_levels" "security" "inventory"];

impl Template {
    /// The one of this name.
    pub fn find(name: &str) -> Option<Template> {
        TEMPLATES.iter().find(|own| own.name == name).copied()
    }

    /// Its document.
    pub fn report(self) -> Report {
        Report::read(self.text).expect("a test reads each template")
    }

    /// Its document in a language: its title and description are said in it, as whoever makes a report would write them.
    pub fn report_in(self, language: &str) -> Report {
        let mut report = self.report();
        let words = charts::Words::of(language, &report.words);
        let (title, description) = (words.say(&report.title).to_owned(), words.say(&report.description).to_owned());
        (report.title, report.description) = (title, description);
        if report.words.contains_key(language) {
            language.clone_into(&mut report.language);
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that people read of a template is said in every language of the page.
    #[test]
    fn templates_are_sound_and_said_in_every_language() {
        for template in TEMPLATES {
            let name = template.name;
            let report = Report::read(template.text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            let mut said = vec![&report.title, &report.description];
            for section in &report.sections {
                said.extend([&section.chart.title, &section.chart.description]);
            }
            said.extend(report.words.get("en").into_iter().flat_map(|words| words.keys()));
            for language in ["de", "hi", "ja", "zh-CN", "ar"] {
                let words = report.words.get(language).unwrap_or_else(|| panic!("{name} lacks {language}"));
                let missing: Vec<_> =
                    said.iter().filter(|text| !text.is_empty() && !words.contains_key(**text)).collect();
                assert!(missing.is_empty(), "{name} in {language}: {missing:#?}");
                assert_eq!(template.report_in(language).language, language);
            }
        }
    }
}
