//! Mails to people about what they were told: one job a mail, tried again with growing pauses until the operator's server takes it.

use identity::{User, UserState};
use jobs::{Failure, Publish, Reason, Work};
use library::{
    notice::{Happening, Letter, Notification},
    report::ReportRun,
};
use model::{NounKind, noun};
use outbound::{Attached, MailError};
use reports::Form;
use serde_json::Value;
use store::Read as _;

use crate::{
    depositing::Written,
    reporting::{failure, unreadable},
    services::Services,
};

/// What happened, in the words of a language, in the order of [`SUBJECTS`].
fn words(language: &str) -> [&'static str; 11] {
    match language {
        "de" => [
            "Warnung ausgelöst",
            "Warnung vorbei",
            "Warnung ohne Antwort",
            "Bericht erstellt",
            "Neuer Kommentar",
            "Neue Antwort",
            "Sie wurden erwähnt",
            "Video fertig",
            "Video nicht erstellt",
            "Mit Ihnen geteilt",
            "API-Schlüssel läuft ab",
        ],
        "ja" => [
            "アラート発生",
            "アラート解消",
            "アラートの答えなし",
            "レポート作成",
            "新しいコメント",
            "新しい返信",
            "あなたへのメンション",
            "動画が完成",
            "動画を作成できません",
            "あなたに共有されました",
            "APIキーの期限が近づいています",
        ],
        "zh-CN" => [
            "警报触发",
            "警报已恢复",
            "警报没有结果",
            "报告已生成",
            "新评论",
            "新回复",
            "有人提到了您",
            "视频已完成",
            "无法制作视频",
            "已与您共享",
            "API 密钥即将到期",
        ],
        "hi" => [
            "अलर्ट सक्रिय",
            "अलर्ट समाप्त",
            "अलर्ट का उत्तर नहीं",
            "रिपोर्ट बनी",
            "नई टिप्पणी",
            "नया उत्तर",
            "आपका उल्लेख हुआ",
            "वीडियो तैयार",
            "वीडियो नहीं बन सका",
            "आपके साथ साझा किया गया",
            "API कुंजी जल्द समाप्त होगी",
        ],
        "ar" => [
            "انطلق تنبيه",
            "انتهى تنبيه",
            "تنبيه بلا إجابة",
            "أُعدّ تقرير",
            "تعليق جديد",
            "رد جديد",
            "ذُكر اسمك",
            "الفيديو جاهز",
            "تعذّر إنشاء الفيديو",
            "تمت المشاركة معك",
            "مفتاح API ينتهي قريبًا",
        ],
        _ => [
            "Alert fires",
            "Alert is over",
            "Alert has no answer",
            "Report was made",
            "New comment",
            "New answer",
            "You were mentioned",
            "Video is ready",
            "Video could not be made",
            "Shared with you",
            "API key ends soon",
        ],
    }
}

/// What mails are about.
const SUBJECTS: [Happening; 11] = [
    Happening::AlertFiring,
    Happening::AlertResolved,
    Happening::AlertTrouble,
    Happening::ReportMade,
    Happening::CommentMade,
    Happening::CommentReply,
    Happening::CommentMention,
    Happening::VideoMade,
    Happening::VideoFailed,
    Happening::ProjectShared,
    Happening::KeyExpiring,
];

/// The subject of a mail: what happened, and to what.
fn subject(letter: &Letter) -> String {
    let at = SUBJECTS.iter().position(|one| one.code() == letter.happening).unwrap_or_default();
    format!("{}: {}", words(&letter.language)[at], letter.title)
}

/// The page of what a mail is about.
fn place(letter: &Letter) -> String {
    let named = |kind: &str| letter.data[kind].as_str().map(|id| format!("{kind}s/{id}"));
    match letter.about.kind {
        NounKind::Alert => format!("alerts/{}", letter.about),
        NounKind::ApiKey => "settings".to_owned(),
        _ => ["report", "recording", "project"].into_iter().find_map(named).unwrap_or_else(|| "inbox".to_owned()),
    }
}

/// What a mail says: the facts, and where to see more.
fn text(letter: &Letter, link: &str) -> String {
    let series = letter.data["series"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |one: &Value| {
        let value = if one["value"].is_null() { "–".to_owned() } else { one["value"].to_string() };
        match one["series"].as_str().unwrap_or_default() {
            "" => value,
            name => format!("{name}: {value}"),
        }
    };
    let mut lines: Vec<String> = series.iter().map(line).collect();
    if let Some(more) = letter.data["more"].as_u64().filter(|more| *more > 0) {
        lines.push(format!("+{more}"));
    }
    lines.extend(letter.data["why"].as_str().map(str::to_owned));
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let lines = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    format!("{}\n\n{lines}{link}/{}\n", subject(letter), place(letter))
}

impl Services {
    /// Does the job of a mail: sends it once, to the address that the person has then.
    ///
    /// # Errors
    /// When they have none any more, or the mail was not taken.
    pub fn mail_of(&self, work: &Work) -> Result<Publish, Failure> {
        let gone = || Failure::new(Reason::Missing, "the person is gone or suspended, or has no address");
        let user = work.job.about.and_then(|about| about.typed()).ok_or_else(gone)?;
        let file = self.gate.file(work.tenant).map_err(unreadable)?;
        let view = file.read().map_err(unreadable)?;
        let user = view.get::<User>(&user).map_err(unreadable)?;
        let address =
            user.filter(|user| user.state == UserState::Active).and_then(|user| user.email).ok_or_else(gone)?;
        let letter: Letter = serde_json::from_slice(&work.job.payload.0)
            .map_err(|_| Failure::new(Reason::BadInput, "the job holds no mail"))?;
        let read = match (letter.unless_read, work.job.about) {
            (Some(thread), Some(user)) => !Notification::waits(&view, user, thread).map_err(unreadable)?,
            _ => false,
        };
        if read {
            return Ok(Box::new(|_| Ok(None)));
        }
        let mailer = self.mailer.as_ref();
        let mailer = mailer.ok_or_else(|| Failure::new(Reason::NotAllowed, "the appliance sends no mail any more"))?;
        let (id, subject) = (work.job.header.id.to_string(), subject(&letter));
        let text = text(&letter, mailer.link());
        let attached = self.attached(work, &letter)?;
        match mailer.send(&outbound::Letter { id: &id, to: address.as_str(), subject: &subject, text, attached }) {
            Ok(()) => Ok(Box::new(|_| Ok(None))),
            Err(error @ MailError::Away) => Err(Failure::new(Reason::Unavailable, error.to_string())),
            Err(error) => Err(Failure::new(Reason::BadInput, error.to_string())),
        }
    }
}

/// The most bytes of all files in a mail: servers that take less are rare, and larger files are behind the link.
const MAX_ATTACHED: usize = 10 << 20;

impl Services {
    /// The files of the run that a mail is about. None where its reader may not take them, or they are too large: the mail leads to them.
    fn attached(&self, work: &Work, letter: &Letter) -> Result<Vec<Attached>, Failure> {
        let mailable = [Form::Pdf.code(), Form::Xlsx.code()];
        let forms: Vec<String> =
            letter.attached.iter().filter(|form| mailable.contains(&form.as_str())).cloned().collect();
        let Some(run) = letter.about.typed::<noun::ReportRun>().filter(|_| !forms.is_empty()) else {
            return Ok(Vec::new());
        };
        let files = || {
            let actor = self.of_job(work.tenant, &work.job)?;
            let found = self.gate.file(work.tenant)?.read()?.get::<ReportRun>(&run)?;
            let Some(found) = found else { return Ok(None) };
            if !self.may_take(&actor, &found)? {
                return Ok(None);
            }
            let to = work.job.about.unwrap_or(work.job.header.owner);
            self.files_of(&actor, &work.job, run, &forms, to).map(Some)
        };
        let (run, files) = match files() {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Vec::new()),
            Err(problem) if problem.status < 500 => return Ok(Vec::new()),
            Err(problem) => return Err(failure(problem)),
        };
        if files.iter().map(|file| file.bytes.len()).sum::<usize>() > MAX_ATTACHED {
            return Ok(Vec::new());
        }
        let attached = |Written { form, bytes }: Written| Attached {
            name: format!("{}{}", run.title, form.suffix()),
            media_type: form.media_type(),
            bytes,
        };
        Ok(files.into_iter().map(attached).collect())
    }
}

#[cfg(test)]
mod tests {
    use model::{AnyId, NounKind};
    use serde_json::json;

    use super::*;

    fn letter(happening: Happening, data: Value, language: &str) -> Letter {
        let about = AnyId::new(NounKind::Alert, 7);
        let (happening, language) = (happening.code().to_owned(), language.to_owned());
        let title = "Many mails".to_owned();
        Letter { happening, about, title, data, language, attached: Vec::new(), unless_read: None }
    }

    #[test]
    fn mails_say_what_happened_and_where_to_see_it() {
        let data =
            json!({ "series": [{ "series": "", "value": 12.5 }, { "series": "calls", "value": null }], "more": 3 });
        let fires = letter(Happening::AlertFiring, data, "en");
        let place = format!("https://a/alerts/{}", fires.about);
        assert_eq!(text(&fires, "https://a"), format!("Alert fires: Many mails\n\n12.5\ncalls: –\n+3\n\n{place}\n"));
        let trouble = letter(Happening::AlertTrouble, json!({ "why": "no such table" }), "de");
        assert_eq!(subject(&trouble), "Warnung ohne Antwort: Many mails");
        assert!(text(&trouble, "https://a").contains("\n\nno such table\n\n"));
        let mut made = letter(Happening::ReportMade, json!({ "report": "rpt_1" }), "ja");
        made.about = AnyId::new(NounKind::ReportRun, 7);
        assert_eq!(text(&made, "https://a"), "レポート作成: Many mails\n\nhttps://a/reports/rpt_1\n");
        let facts = json!({ "recording": "rec_1", "project": "prj_1", "reason": "crashed", "by": "usr_1" });
        let mut said = letter(Happening::CommentMade, facts, "en");
        said.about = AnyId::new(NounKind::Video, 7);
        assert_eq!(text(&said, "https://a"), "New comment: Many mails\n\nhttps://a/recordings/rec_1\n");
    }

    #[test]
    fn each_has_a_subject_of_its_own_in_each_language() {
        for language in library::notice::LANGUAGES {
            let mut subjects: Vec<_> =
                Happening::OF_PEOPLE.map(|one| subject(&letter(one, json!({}), language))).into();
            subjects.sort_unstable();
            subjects.dedup();
            assert_eq!(subjects.len(), Happening::OF_PEOPLE.len(), "{language}");
        }
    }
}
