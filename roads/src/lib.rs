//! Drive times on real roads: OpenStreetMap in; seconds, metres, geometry and isochrones out. Pure but for reading and writing its own files.
