namespace DocIngest.Storage;

/// <summary>The power is gone: every further operation throws this. No storage error, so that no code of the product takes it for one and goes on.</summary>
public sealed class PowerCutException() : Exception("The power was cut, as the test asked for.");
