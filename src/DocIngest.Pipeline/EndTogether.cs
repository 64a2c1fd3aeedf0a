namespace DocIngest.Pipeline;

/// <summary>Runs tasks that make no sense without each other.</summary>
internal static class EndTogether
{
    /// <summary>Waits for all; when one faults, cancels the others, so that the fault comes out.</summary>
    public static async Task RunAsync(IReadOnlyList<Task> tasks, CancellationTokenSource others)
    {
        var open = tasks.ToList();
        while (open.Count > 0)
        {
            var ended = await Task.WhenAny(open);
            open.Remove(ended);
            if (!ended.IsCompletedSuccessfully)
            {
                await others.CancelAsync();
            }
        }

        // The fault, not the cancellation that it caused.
        if (tasks.FirstOrDefault(task => task.IsFaulted) is { } faulted)
        {
            await faulted;
        }

        await Task.WhenAll(tasks);
    }
}
