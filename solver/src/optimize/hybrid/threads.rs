//! Islands: searches side by side that exchange what they found between epochs.

/// Does `work` on every island, each on a thread of its own, and waits for all.
///
/// The islands' state is their own, so the outcome does not depend on which thread is faster.
pub(super) fn each<I: Send>(islands: &mut [I], work: impl Fn(usize, &mut I) + Sync) {
    if let [only] = islands {
        return work(0, only);
    }
    std::thread::scope(|scope| {
        for (index, island) in islands.iter_mut().enumerate() {
            let work = &work;
            scope.spawn(move || work(index, island));
        }
    });
}
