//! Matching of people to roles, one person at a time.

use crate::slots::fit::RoleMask;

/// Who fills which role. A person is known by the order in which it was added.
///
/// Source: Kuhn (1955), "The Hungarian method for the assignment problem", augmenting paths only.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Matching {
    /// Masks of the people in it.
    masks: [RoleMask; 8],
    count: u8,
    /// Person + 1 per role; 0 = open.
    holder: [u8; 8],
}

impl Matching {
    /// Adds a person who can take the roles in `mask`; `false`, changing nothing, if all would no
    /// longer have a role of their own.
    pub(crate) fn add(&mut self, mask: RoleMask) -> bool {
        let person = usize::from(self.count);
        if person >= self.masks.len() {
            return false;
        }
        self.masks[person] = mask;
        let mut visited = 0;
        if !self.place(person, &mut visited) {
            return false;
        }
        self.count += 1;
        true
    }

    /// The person in a role, by order of adding.
    pub(crate) fn who(&self, role: usize) -> Option<usize> {
        usize::from(self.holder[role]).checked_sub(1)
    }

    fn place(&mut self, person: usize, visited: &mut RoleMask) -> bool {
        for role in 0..8 {
            let bit = 1 << role;
            if self.masks[person] & bit == 0 || *visited & bit != 0 {
                continue;
            }
            *visited |= bit;
            let free = match self.who(role) {
                None => true,
                Some(holder) => self.place(holder, visited),
            };
            if free {
                self.holder[role] = u8::try_from(person + 1).unwrap_or(0);
                return true;
            }
        }
        false
    }
}
