//! Which of the demo's passwords still sign in.

use futures_util::future::{join_all, try_join_all};

use super::seed::DemoPerson;
use crate::passwords::Passwords;
use crate::store::{Store, StoreError};

/// For each person, whether the password that comes with the demo is the one that signs in: somebody may have changed it.
pub async fn known_passwords(
    store: &Store,
    passwords: &Passwords,
    people: &[DemoPerson],
) -> Result<Vec<bool>, StoreError> {
    let stored = try_join_all(people.iter().map(|person| store.credentials(person.email))).await?;
    let known = people.iter().zip(stored).map(|(person, stored)| async move {
        let Some((_, _, hash)) = stored else { return false };
        passwords.verify(person.password.to_owned(), Some(hash)).await
    });
    Ok(join_all(known).await)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::seed;
    use super::*;
    use crate::clock::{Clock, Micros};
    use crate::ids::Ids;
    use crate::secrets::SecretKey;

    #[tokio::test]
    async fn a_changed_password_is_no_longer_known() {
        let clock = Clock::fixed(Micros(1_795_140_000_000_000));
        let store = Store::open_memory(clock, Arc::new(Ids::counted())).await.unwrap();
        let (key, passwords) = (SecretKey::from_hex(&"5a".repeat(32)).unwrap(), Passwords::new().unwrap());
        let people = seed::seed(&store, &key, &passwords, "http://127.0.0.1:8301").await.unwrap().people;
        let change = async |password: &str| {
            let (tenant, agent, _) = store.credentials(people[1].email).await.unwrap().unwrap();
            let hash = passwords.hash(password.to_owned()).await.unwrap();
            store.set_password_hash(&tenant, &agent, hash).await.unwrap();
        };
        let check = async |expected: [bool; 5]| {
            assert_eq!(known_passwords(&store, &passwords, &people).await.unwrap(), expected);
        };
        check([true; 5]).await;
        change("something else entirely").await;
        check([true, false, true, true, true]).await;
        change(people[1].password).await;
        check([true; 5]).await;
    }
}
