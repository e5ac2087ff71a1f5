"""Facts of the asset (财产现状): each with source, day and document, established before any price is asked."""
