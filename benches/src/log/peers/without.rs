//! No peers: what can be asked of one, and never is.
#![allow(clippy::unnecessary_wraps, reason = "a peer that is there can fail")]

use std::{path::Path, time::Duration};

use anyhow::Result;

use crate::log::drive::Slice;

pub enum Tephra {}

impl Tephra {
    pub fn open(_: &Path) -> Result<Option<Self>> {
        Ok(None)
    }

    pub fn append(&self, _: u64, _: u64, _: u64) -> Result<Duration> {
        match *self {}
    }

    pub fn read(&self) -> Result<u64> {
        match *self {}
    }
}

pub enum UmaDb {}

impl UmaDb {
    pub fn named(&self) -> String {
        match *self {}
    }

    pub fn events(&self) -> u64 {
        match *self {}
    }

    pub fn start(_: &Path, _: usize, _: &tokio::runtime::Runtime) -> Result<Option<Self>> {
        Ok(None)
    }

    pub fn slice(&mut self, _: &tokio::runtime::Runtime, _: u64, _: u64, _: Duration) -> Result<Slice> {
        match *self {}
    }

    pub fn stop(self) {
        match self {}
    }

    pub fn disk_bytes_per_event(&self) -> Result<f64> {
        match *self {}
    }
}
