//! Dashboards that come with the appliance: the same in every tenant, and changed by nobody. Who wants another makes a copy.

use charts::Board;

/// A dashboard that comes with the appliance.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// Its name, where others have their id.
    pub name: &'static str,
    text: &'static str,
}

macro_rules! built_in {
    ($($name:literal)*) => {
        &[$(BuiltIn { name: $name, text: include_str!(concat!("../../../../assets/reports/dashboards/", $name, ".json")) },)*]
    };
}

/// All of them, in the order of lists.
pub const BUILT_IN: &[BuiltIn] =
    built_in!["usage" "cost" "quality" "rendering" "adoption" "health" "system" "security"];

impl BuiltIn {
    /// The one of this name.
    pub fn find(name: &str) -> Option<BuiltIn> {
        BUILT_IN.iter().find(|own| own.name == name).copied()
    }

    /// Its document, in the languages of the page and in the pseudo-locale that its tests look at.
    pub fn board(self) -> Board {
        let mut board = Board::read(self.text).expect("a test reads each document that is built in");
        let words = board.words("en");
        let said = board.words.get(MEASURE).into_iter().flat_map(|all| all.keys());
        let marked = said.map(|text| (text.clone(), format!("[{}~]", words.say(text)))).collect();
        board.words.insert(PSEUDO.to_owned(), marked);
        board
    }
}

/// The language of the page's tests: whatever is not in brackets has escaped translation.
const PSEUDO: &str = "en-XA";
/// A language in which everything is said; English has words only for what machines call otherwise.
const MEASURE: &str = "de";

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [&str; 5] = ["de", "hi", "ja", "zh-CN", "ar"];

    /// Everything that people read of a dashboard is said in every language of the page.
    #[test]
    fn documents_are_sound_and_said_in_every_language() {
        for built_in in BUILT_IN {
            let name = built_in.name;
            let board = Board::read(built_in.text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert!(!board.words.contains_key(PSEUDO), "{name}");
            assert_eq!(built_in.board().words(PSEUDO).say(&board.title), format!("[{}~]", board.title));
            let mut said = vec![&board.title, &board.description];
            said.extend(board.variables.iter().map(|variable| &variable.title));
            for tile in &board.tiles {
                said.extend([&tile.chart.title, &tile.chart.description]);
                if let Some(link) = &tile.link {
                    assert!(BuiltIn::find(&link.dashboard).is_some(), "{name}: {}", link.dashboard);
                }
            }
            // What answers hold is named in English too, for columns are called as machines call them.
            said.extend(board.words["en"].keys());
            for language in LANGUAGES {
                let words = board.words.get(language).unwrap_or_else(|| panic!("{name} lacks {language}"));
                let missing: Vec<_> =
                    said.iter().filter(|text| !text.is_empty() && !words.contains_key(**text)).collect();
                assert!(missing.is_empty(), "{name} in {language}: {missing:#?}");
            }
        }
    }
}
