//! The program in a world, as it tells of itself: what it reached, and of which random parts it is made.

use crate::parts::Parts;
use crate::world::World;

impl World {
    /// Notes that the program reached a state that it means to reach in some run.
    pub fn mark(&self, name: &str) {
        self.sometimes(true, name);
    }

    /// Notes that the program means to reach a state in some run, and whether it is the case now.
    pub fn sometimes(&self, reached: bool, name: &str) {
        self.shared.lock().marks.own(name, reached);
    }

    /// Says which of its random parts the program keeps: to be called before it begins.
    pub fn keep_parts(&self, parts: Parts) {
        self.shared.lock().parts = parts;
    }

    /// Returns true if a random part of the program is to be there. Its name tells it from all others; a program that asks
    /// again is told the same.
    pub fn keeps(&self, part: &str) -> bool {
        let parts = self.shared.lock().parts.clone();
        parts.keeps(part)
    }
}
