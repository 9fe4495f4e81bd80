//! What people see, in Chromium.

mod acts;
mod care;
mod channels;
mod day;
mod desk;
mod files;
mod imagemap;
mod keeping;
mod line;
mod line_desk;
mod reading;
mod secrets;
mod standing;
mod sticker_sets;
mod story;
mod widget_state;

use engine::demo::seed::PEOPLE;
use tests::browser::Window;
use tests::demo::Demo;

/// Opens a page and counts violations of its content security policy from its first moment.
pub(crate) async fn watch_policy(window: &Window, url: &str) -> anyhow::Result<()> {
    window.goto(url).await?;
    let watch = "window.policyFaults = 0; new ReportingObserver((reports) => { window.policyFaults += \
                 reports.filter((report) => report.type === 'csp-violation').length }, { buffered: true }).observe(); \
                 document.addEventListener('securitypolicyviolation', () => { window.policyFaults += 1 })";
    window.run(watch).await?;
    Ok(())
}

/// Signs the demo's first person of a role in to the console, and waits for the list.
pub(crate) async fn sign_in(window: &Window, demo: &Demo, role: &str) -> anyhow::Result<()> {
    watch_policy(window, &demo.url("/console/")).await?;
    window.until("the sign-in page", "return !!document.querySelector('#email')").await?;
    window.picture("console-signin-1440").await?;
    let person = PEOPLE.iter().find(|person| person.role == role).expect("the demo has every role");
    let fill = format!(
        "document.querySelector('#email').value = '{}'; document.querySelector('#password').value = '{}'; \
         document.querySelector('form button.primary').click()",
        person.email, person.password
    );
    window.run(&fill).await?;
    window.until("the inbox", "return document.querySelectorAll('a.row').length > 5").await?;
    Ok(())
}
