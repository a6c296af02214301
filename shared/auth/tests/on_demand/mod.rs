//! The program that signs, on demand: it decides by itself, whatever it is asked.

mod binds;
mod codes;
mod desk;
mod pages;
mod reach;
mod receipts;
mod renewals;
