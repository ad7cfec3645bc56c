//! TEMP
use roundsman::app::App;
use roundsman::clock::{SystemClock, SystemIds};
use std::sync::Arc;
pub(crate) async fn any_app() -> App {
    let clock = Arc::new(SystemClock);
    App { ids: Arc::new(SystemIds::new(clock.clone())), clock }
}
