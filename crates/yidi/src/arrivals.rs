//! 到达: counters that come at a rate, whether those before them are done or not: an open model, so that a slow network
//! does not slow its own visitors down.

use crate::visitors::{Attended, Visitors};
use platform::doors::micros;
use simulation::counter::Counter;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Makes the counter with this number.
pub type Draw = Box<dyn FnMut(usize) -> Counter + Send>;

/// Counters arriving.
pub struct Arrivals {
    shared: Arc<Shared>,
    coming: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    ended: AtomicBool,
    inside: AtomicUsize,
    attended: Mutex<Vec<Attended>>,
}

impl Arrivals {
    /// So many counters a second from now on.
    pub fn begin(
        runtime: &tokio::runtime::Handle,
        visitors: Arc<Visitors>,
        rate: u64,
        mut draw: Draw,
    ) -> Arrivals {
        let shared: Arc<Shared> = Arc::default();
        let (begun, kept) = (micros(), shared.clone());
        let coming = runtime.spawn(async move {
            for number in 0_usize.. {
                let intended = begun + number as u64 * 1_000_000 / rate;
                while micros() < intended {
                    tokio::time::sleep(Duration::from_micros(intended - micros().min(intended))).await;
                }
                if kept.ended.load(Ordering::Relaxed) {
                    return;
                }
                let (counter, kept, visitors) = (draw(number), kept.clone(), visitors.clone());
                kept.inside.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let attended = visitors.attend(counter, intended).await;
                    kept.attended.lock().expect("nobody panics inside").push(attended);
                    kept.inside.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Arrivals { shared, coming }
    }

    /// How many counters are inside.
    pub fn inside(&self) -> usize {
        self.shared.inside.load(Ordering::Relaxed)
    }

    /// No more from now on; waits so long for those who are inside, then sends them home as they are.
    pub async fn end(self, visitors: &Visitors, patience: Duration) -> Vec<Attended> {
        self.shared.ended.store(true, Ordering::Relaxed);
        let _ = self.coming.await;
        let deadline = micros() + u64::try_from(patience.as_micros()).unwrap_or(u64::MAX);
        while self.shared.inside.load(Ordering::Relaxed) > 0 {
            if micros() > deadline {
                visitors.go_home.store(true, Ordering::Relaxed);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        std::mem::take(&mut *self.shared.attended.lock().expect("nobody panics inside"))
    }
}
