namespace DocIngest.Pipeline.Retention;

/// <summary>Events cannot be recorded until a person has put something right, and trying again helps nothing. Nothing changed.</summary>
/// <param name="message">What, and what to do; nothing of a person.</param>
public sealed class EventsUnavailableException(string message) : Exception(message);
