namespace DocIngest.Worker.Tests;

/// <summary>Waits for conditions, never for times. The limit only ends a test that waits in vain.</summary>
internal static class Until
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Ends with the test, or after a time that no healthy machine needs.</summary>
    public static CancellationToken Limit()
    {
#pragma warning disable CA2000 // Lives as long as its token.
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
#pragma warning restore CA2000
        limit.CancelAfter(Longest);
        return limit.Token;
    }

    public static async Task IsTrue(Func<bool> condition, Func<string> what)
    {
        var limit = Limit();
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"Waited in vain: {what()}");
            }

            await Task.Delay(Look, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task IsTrue(Func<bool> condition, string what) => IsTrue(condition, () => what);
}
