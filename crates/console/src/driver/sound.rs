//! Two short sounds, synthesized with the Web Audio API. Before the first user gesture browsers
//! play no sounds.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::{AudioContext, AudioContextState, OscillatorType};

use crate::workspace::Chime;

/// Volume, from 0 to 1: audible, and not startling.
const LOUDNESS: f32 = 0.12;

#[derive(Debug, Default)]
pub(super) struct Sound {
    context: RefCell<Option<AudioContext>>,
}

impl Sound {
    /// Allows sounds. Called on the first user gesture.
    pub(super) fn allow(&self) {
        let mut context = self.context.borrow_mut();
        if context.is_none() {
            *context = AudioContext::new().ok();
        }
        if let Some(context) = &*context
            && context.state() == AudioContextState::Suspended
        {
            let _ = context.resume();
        }
    }

    pub(super) fn play(&self, chime: Chime) {
        // Frequency in hertz, and start in seconds.
        let notes: &[(f32, f64)] = match chime {
            Chime::Waiting => &[(659.3, 0.0), (880.0, 0.14)],
            Chime::Message => &[(587.3, 0.0)],
        };
        if let Some(context) = &*self.context.borrow()
            && context.state() == AudioContextState::Running
        {
            for (pitch, after) in notes {
                // A sound that cannot be played is left out.
                let _ = note(context, *pitch, context.current_time() + after);
            }
        }
    }
}

fn note(context: &AudioContext, pitch: f32, at: f64) -> Result<(), JsValue> {
    let oscillator = context.create_oscillator()?;
    oscillator.set_type(OscillatorType::Sine);
    oscillator.frequency().set_value(pitch);
    let gain = context.create_gain()?;
    gain.gain().set_value_at_time(0.0, at)?;
    gain.gain()
        .linear_ramp_to_value_at_time(LOUDNESS, at + 0.01)?;
    gain.gain()
        .exponential_ramp_to_value_at_time(0.0001, at + 0.35)?;
    oscillator.connect_with_audio_node(&gain)?;
    gain.connect_with_audio_node(&context.destination())?;
    oscillator.start_with_when(at)?;
    oscillator.stop_with_when(at + 0.4)
}
