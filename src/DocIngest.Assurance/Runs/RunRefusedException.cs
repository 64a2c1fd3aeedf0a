namespace DocIngest.Assurance.Runs;

/// <summary>A run is not carried out: the surroundings do not allow it. Its report says why.</summary>
public sealed class RunRefusedException(string message, Exception? inner = null) : Exception(message, inner);
