//! What the appliance counts of its own work.

/// A meter of the appliance. Customers' own meters have any other name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meter {
    /// Speech that was turned into words.
    Speech,
    /// Video that was rendered.
    Video,
    /// Frames of rendered video.
    Frames,
    /// Stored bytes and how long.
    Storage,
    /// People of the tenant, each day anew.
    Seats,
    /// Requests that were answered.
    Calls,
    /// Bytes of answers.
    Egress,
    /// Messages that webhooks took.
    Deliveries,
    /// Work of graphics processors.
    Graphics,
    /// Tokens of a language model.
    Tokens,
}

impl Meter {
    /// Every meter.
    pub const ALL: &[Meter] = &[
        Meter::Speech,
        Meter::Video,
        Meter::Frames,
        Meter::Storage,
        Meter::Seats,
        Meter::Calls,
        Meter::Egress,
        Meter::Deliveries,
        Meter::Graphics,
        Meter::Tokens,
    ];

    /// What its names begin with; nobody else's may.
    pub const PREFIX: &'static str = "audiagram.";

    /// The name in rows.
    pub const fn name(self) -> &'static str {
        match self {
            Meter::Speech => "audiagram.speech",
            Meter::Video => "audiagram.video",
            Meter::Frames => "audiagram.frames",
            Meter::Storage => "audiagram.storage",
            Meter::Seats => "audiagram.seats",
            Meter::Calls => "audiagram.calls",
            Meter::Egress => "audiagram.egress",
            Meter::Deliveries => "audiagram.deliveries",
            Meter::Graphics => "audiagram.graphics",
            Meter::Tokens => "audiagram.tokens",
        }
    }

    /// What its quantities count.
    pub const fn unit(self) -> &'static str {
        match self {
            Meter::Speech | Meter::Video | Meter::Graphics => "ms",
            Meter::Frames => "frame",
            Meter::Storage => "byte_hour",
            Meter::Seats => "seat_day",
            Meter::Calls => "call",
            Meter::Egress => "byte",
            Meter::Deliveries => "message",
            Meter::Tokens => "token",
        }
    }

    /// One line about it.
    pub const fn about(self) -> &'static str {
        match self {
            Meter::Speech => "speech turned into words, in milliseconds",
            Meter::Video => "rendered video, in milliseconds; dimensions: width, height, fps",
            Meter::Frames => "frames of rendered video; dimensions: width, height, fps",
            Meter::Storage => "bytes stored, times hours; counted once a day to the millisecond",
            Meter::Seats => "people of the tenant, once a day (UTC)",
            Meter::Calls => "requests to the API and by view links that were answered; written every minute",
            Meter::Egress => "bytes of their answers as they were sent, without heads; written every minute",
            Meter::Deliveries => "messages that receivers of webhooks took",
            Meter::Graphics => "time of jobs on a graphics processor, in milliseconds",
            Meter::Tokens => {
                "tokens of a language model that looked at diagrams again; dimension: direction (asked, answered)"
            }
        }
    }

    /// What its cost belongs to: FOCUS' service category, the subcategory in it, and the service's name.
    pub const fn service(self) -> Service {
        let (category, subcategory, name) = match self {
            Meter::Speech => ("AI and Machine Learning", "Natural Language Processing", "Speech recognition"),
            Meter::Video | Meter::Frames => ("Media", "Content Creation", "Rendering"),
            Meter::Storage => ("Storage", "Object Storage", "Storage"),
            Meter::Seats => ("Management and Governance", "Other (Management and Governance)", "Seats"),
            Meter::Calls => ("Integration", "API Management", "API calls"),
            Meter::Egress => ("Networking", "Content Delivery", "Egress"),
            Meter::Deliveries => ("Integration", "Messaging", "Webhooks"),
            Meter::Graphics => ("Compute", "Other (Compute)", "Graphics processors"),
            Meter::Tokens => ("AI and Machine Learning", "Generative AI", "Language model"),
        };
        Service { category, subcategory, name }
    }
}

/// A service in the words of FOCUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// One of the categories that FOCUS has.
    pub category: &'static str,
    /// One of the subcategories that FOCUS has in the category.
    pub subcategory: &'static str,
    /// Its name.
    pub name: &'static str,
}
