mod account;
mod answers;
mod planning;
mod receiving;
