//! What people and programs are told of.

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Series of an alert fire.
    AlertFiring,
    /// They do not any more.
    AlertResolved,
    /// An alert's question cannot be asked.
    AlertTrouble,
    /// A report was drawn up.
    ReportMade,
    /// Somebody commented on what is one's own.
    CommentMade,
    /// Somebody answered in a thread of comments that one has written in.
    CommentReply,
    /// Somebody named one in a comment.
    CommentMention,
    /// The video that one ordered is there.
    VideoMade,
    /// It could not be made.
    VideoFailed,
    /// One was given a role in a project.
    ProjectShared,
    /// An API key of one's own ends soon.
    KeyExpiring,
    /// Somebody tries a webhook out.
    WebhookTest,
}

/// By which ways somebody wants to be told of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// In the inbox of the page.
    pub inbox: bool,
    /// By mail, where the appliance sends any.
    pub mail: bool,
}

impl Happening {
    /// All that people are told of, in the order in which they see it; webhooks alone are tried out.
    pub const OF_PEOPLE: [Happening; 11] = [
        Happening::CommentMention,
        Happening::CommentReply,
        Happening::CommentMade,
        Happening::VideoMade,
        Happening::VideoFailed,
        Happening::ProjectShared,
        Happening::ReportMade,
        Happening::AlertFiring,
        Happening::AlertResolved,
        Happening::AlertTrouble,
        Happening::KeyExpiring,
    ];

    /// The name in messages and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Happening::AlertFiring => "alert.firing",
            Happening::AlertResolved => "alert.resolved",
            Happening::AlertTrouble => "alert.trouble",
            Happening::ReportMade => "report.made",
            Happening::CommentMade => "comment.made",
            Happening::CommentReply => "comment.reply",
            Happening::CommentMention => "comment.mention",
            Happening::VideoMade => "video.made",
            Happening::VideoFailed => "video.failed",
            Happening::ProjectShared => "project.shared",
            Happening::KeyExpiring => "key.expiring",
            Happening::WebhookTest => "webhook.test",
        }
    }

    /// What people are told of under this name.
    pub fn of_people(code: &str) -> Option<Self> {
        Self::OF_PEOPLE.into_iter().find(|one| one.code() == code)
    }

    /// Whether who sets up the alert or the report says whom it concerns, and whether there are mails at all.
    pub const fn is_addressed(self) -> bool {
        matches!(
            self,
            Happening::AlertFiring | Happening::AlertResolved | Happening::AlertTrouble | Happening::ReportMade
        )
    }

    /// How those are told who have not said how: of a video that one waits for, the page is enough.
    pub const fn by_default(self) -> Wish {
        Wish { inbox: true, mail: !matches!(self, Happening::VideoMade) }
    }
}
