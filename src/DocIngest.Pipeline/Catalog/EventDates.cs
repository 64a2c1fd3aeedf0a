namespace DocIngest.Pipeline.Catalog;

/// <summary>The first and the last event of a kind that a patient or case has.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="First">When first.</param>
/// <param name="Last">When last; equal where there is one, or several of one day.</param>
/// <param name="FirstEntry">Number of the entry that says so.</param>
/// <param name="LastEntry">Number of the entry that says so.</param>
public sealed record EventDates(string Kind, DateOnly First, DateOnly Last, int FirstEntry, int LastEntry);

/// <summary>An event in force: a kind happens to a patient or case once a day at most.</summary>
internal readonly record struct EventDay(string Kind, DateOnly Date);

/// <summary>Events of a patient or case, as far as retention goes by them.</summary>
/// <param name="Object">Name of its system object; a patient has two only where a key of names was lost.</param>
/// <param name="Version">Version of the object that these are from.</param>
/// <param name="MayBeNewer">Whether the object may hold more: somebody writes it just now, or died while writing.</param>
/// <param name="Dates">By kind.</param>
public sealed record EventHolder(string Object, int Version, bool MayBeNewer, IReadOnlyList<EventDates> Dates);

/// <summary>What retention must know of a record.</summary>
/// <param name="Id">The record.</param>
/// <param name="Version">Its head.</param>
/// <param name="RecordClass">Its class.</param>
/// <param name="Fields">The fields that were asked for, in that order; null where it has none.</param>
public sealed record RecordOfClass(Records.RecordId Id, int Version, string RecordClass, IReadOnlyList<string?> Fields);
