//! What those in a room may: asked of the gate for every change, and of everybody a few times a second.

use access::Permit;
use library::storyboard::Storyboard;
use model::permission::{DiagramEdit, Permission, ProjectRead};
use store::Read as _;

use super::Room;
use crate::{
    live::{
        protocol::{self, Told},
        socket::code,
    },
    problem::{Code, Problem},
    request::Request,
};

/// What a caller may now.
pub(super) struct Rights {
    pub(super) stay: Permit<ProjectRead>,
    pub(super) may_edit: bool,
}

impl Room {
    /// What somebody may now, asked of the gate.
    pub(super) fn rights(&self, request: &Request) -> Result<Rights, Problem> {
        let actor = self.services.identify(request, request.at_console)?.actor;
        let storyboard = self.services.file(&actor)?.read()?.get::<Storyboard>(&self.key.1)?;
        let subject = storyboard.ok_or_else(|| Problem::new(Code::NotFound, ""))?.header.subject();
        let stay = self.services.gate.permit::<ProjectRead>(&actor, &subject, &request.context())?;
        let may_edit =
            self.services.gate.decide(&actor, Permission::DiagramEdit, &subject, &request.context())?.allowed;
        Ok(Rights { stay, may_edit })
    }

    /// Permits for a change: to store it, and to make a version of it.
    pub(super) fn edit_permits(&self, request: &Request) -> Result<[Permit<DiagramEdit>; 2], Problem> {
        let actor = self.services.identify(request, request.at_console)?.actor;
        let storyboard = self.services.file(&actor)?.read()?.get::<Storyboard>(&self.key.1)?;
        let subject = storyboard.ok_or_else(|| Problem::new(Code::NotFound, ""))?.header.subject();
        let permit = || self.services.gate.permit::<DiagramEdit>(&actor, &subject, &request.context());
        Ok([permit()?, permit()?])
    }

    /// Asks for everybody's rights again, and for what was changed elsewhere.
    pub(super) fn look(&mut self) {
        let draining = self.services.is_draining();
        let mut entry = None;
        for at in (0..self.guests.len()).filter(|at| !self.guests[*at].gone).collect::<Vec<_>>() {
            match self.rights(&self.guests[at].request) {
                Ok(Rights { stay, may_edit }) => {
                    let guest = &mut self.guests[at];
                    if guest.may_edit != may_edit {
                        guest.may_edit = may_edit;
                        guest.say(protocol::told(&Told::Rights { may_edit }));
                    }
                    entry = guest.stay.replace(stay).or(entry);
                }
                Err(problem) => self.guests[at].end(code::ENDED, reason(&problem)),
            }
        }
        if let (Some(permit), Some(opened)) = (entry, &self.opened)
            && opened.is_behind(&permit).unwrap_or(false)
        {
            self.follow(permit);
        }
        if draining {
            self.asked = true;
            self.guests.iter_mut().for_each(|guest| guest.end(code::RESTART, "the appliance restarts"));
        }
    }
}

/// Why somebody is refused, for the page.
pub(super) fn reason(problem: &Problem) -> String {
    if problem.detail.is_empty() { "you may not, or not any more".to_owned() } else { problem.detail.clone() }
}
