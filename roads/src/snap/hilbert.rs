//! Position along a Hilbert curve: near on the curve is near on the map.

/// Place of a cell on the Hilbert curve of order 16.
///
/// Walks down the quadrants, largest first, and turns the view as the curve turns. Source: Hilbert (1891), "Über die
/// stetige Abbildung einer Linie auf ein Flächenstück".
pub(crate) fn along(x: u16, y: u16) -> u32 {
    let (mut x, mut y) = (u32::from(x), u32::from(y));
    let mut place = 0;
    let mut side = 1_u32 << 15;
    while side > 0 {
        let right = u32::from(x & side != 0);
        let upper = u32::from(y & side != 0);
        place += side * side * ((3 * right) ^ upper);
        if upper == 0 {
            if right == 1 {
                x = !x & 0xffff;
                y = !y & 0xffff;
            }
            std::mem::swap(&mut x, &mut y);
        }
        side >>= 1;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::along;

    #[test]
    fn the_curve_visits_neighbours_one_after_the_other() {
        let mut cells: Vec<(u32, i32, i32)> = (0..16_u16)
            .flat_map(|x| (0..16_u16).map(move |y| (along(x, y), i32::from(x), i32::from(y))))
            .collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            let step = (pair[0].1 - pair[1].1).abs() + (pair[0].2 - pair[1].2).abs();
            assert_eq!(step, 1, "{pair:?}");
        }
    }
}
