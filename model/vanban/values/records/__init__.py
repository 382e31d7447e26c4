"""The record of a document: head and foot as Decree 30/2020/NĐ-CP lays them out, and the first lines of the press.
Columns may be merged and parts missing; what is not there stays empty."""
