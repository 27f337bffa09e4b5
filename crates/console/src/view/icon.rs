//! Icons, in the colour of the surrounding text.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident => $path:literal,)+) => {
        $(pub(super) fn $name() -> impl IntoView {
            view! {
                <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                    <path d=$path />
                </svg>
            }
        })+
    };
}

icons! {
    back => "M15 5l-7 7 7 7",
    attach => "M20 11.500l-8.500 8.500a5 5 0 0 1-7-7L13 4.500a3.300 3.300 0 0 1 4.700 4.700l-8.300 8.300a1.700 1.700 0 0 1-2.400-2.400L14.500 7.500",
    bell => "M18 15V11a6 6 0 1 0-12 0v4l-2 3h16zM10 21h4",
    bell_off => "M18 15V11a6 6 0 0 0-9.5-4.9M6 9.500V15l-2 3h13M10 21h4M3 3l18 18",
    desktop => "M3 5h18v11H3zM8 20h8M12 16v4M8 10.500h4M8 8h7",
    desktop_off => "M7 5h14v11h-3M14 16H3V5M8 20h8M12 16v4M3 3l18 18",
    check => "M5 12.500l4.500 4.500L19 7.500",
    cross => "M6 6l12 12M18 6L6 18",
    devices => "M3 5h14v5M3 5v11h8M8 20h3M14 10h7v10h-7zM17.500 17h.01",
    download => "M12 4v11M7 11l5 5 5-5M5 20h14",
    filter => "M4 6h16M7 12h10M10 18h4",
    search => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
    thumb_up => "M7 11v9H4v-9zM7 11l4-7a2 2 0 0 1 2.500 2.500L12.800 10H19l-1.500 9.500H7",
    thumb_down => "M7 13V4H4v9zM7 13l4 7a2 2 0 0 0 2.500-2.500L12.800 14H19l-1.500-9.500H7",
    file => "M7 3h7l5 5v13H7zM14 3v5h5",
    form => "M5 4h14v16H5zM8.500 9h7M8.500 13h7M8.500 17h4",
    keyboard => "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
    lock => "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
    plus => "M12 5v14M5 12h14",
    press => "M9 14l-4-4 4-4M5 10h9a5 5 0 0 1 5 5v4",
    person => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500",
}
